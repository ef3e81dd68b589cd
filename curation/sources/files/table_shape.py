"""What a whole row of one table looks like, to tell broken rows from whole ones and to put their pieces together.

A row with more cells than the header has had a delimiter in a text that nobody quoted. `Shape.rejoined` puts it
together where only one column can have held it: every other cell must look like those of its column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from curation.sources.records.dates import written_time
from curation.sources.records.fields import COUNTS, FLAGS

# A number, or something longer with a number in it; no word of a text. Around it, what keeps spreadsheets off it.
_ID = re.compile(r"[='\"]{0,3}(?:\d{1,25}|(?=\D*\d)[\w.+:/@#-]{6,200})\"?", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,20}(?:[.,]\d{1,20})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_FLAG = re.compile(r"true|false|yes|no|[tfyn01]", re.IGNORECASE)
_URL = re.compile(r"https?://\S{1,2000}")
_WORD = re.compile(r"\S{1,200}")
_TIDY = re.compile(r"\S[^\r\n]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?", re.ASCII)
#: What stands after a delimiter in a text.
_PROSE = re.compile(r"\s|$")
_TIDY_TEXT = re.compile(r"\S.*", re.DOTALL)

#: Rows that are looked at to learn the kinds of the columns, and filled cells that show a column's style.
_SAMPLE_ROWS = 200
_FILLED = 2
#: More columns than these are no table whose rows can be put together.
_COLUMNS = 500


def _is_time(cell: str) -> bool:
    return written_time(cell, "day") is not None or written_time(cell, "month") is not None


@dataclass(frozen=True)
class ColumnKind:
    """What the filled cells of a column have in common."""

    name: str
    matches: Callable[[str], object]
    firm: bool = False  # no piece of a text looks so by chance
    prose: bool = False  # a piece of a text may look so

    def accepts(self, cell: str) -> bool:
        """Whether a cell is empty or looks like this."""
        return not cell or bool(self.matches(cell.strip() if self.firm else cell))


_EMPTY = ColumnKind("empty", lambda _: False)
_FLAGS = ColumnKind("flag", _FLAG.fullmatch, firm=True)
_NUMBERS = ColumnKind("number", _NUMBER.fullmatch, firm=True)
_ADDRESSES = ColumnKind("address", _URL.fullmatch, firm=True)
_TIMES = ColumnKind("time", _is_time, firm=True)
_IDS = ColumnKind("id", _ID.fullmatch, firm=True)
_LANGUAGES = ColumnKind("language", _LANGUAGE.fullmatch)
_WORDS = ColumnKind("word", _WORD.fullmatch)
_LINES = ColumnKind("line", _TIDY.fullmatch, prose=True)
_TIDY_TEXTS = ColumnKind("text", _TIDY_TEXT.fullmatch, prose=True)
_ANYTHING = ColumnKind("anything", lambda _: True, prose=True)

_LEARNED = (_FLAGS, _NUMBERS, _ADDRESSES, _TIMES, _LANGUAGES, _WORDS, _LINES)
_OF_FIELDS = {
    "id": _IDS,
    "created_at": _TIMES,
    "lang": _LANGUAGES,
    **dict.fromkeys(("author", "repost_of", "reply_to", "quote_of", "conversation_id", "author_id"), _WORDS),
    **dict.fromkeys(COUNTS, _NUMBERS),
    **dict.fromkeys(FLAGS, _FLAGS),
}


@dataclass(frozen=True)
class RowShape:
    """What a whole row looks like."""

    cells: int
    id: int | None = None  # column of the ids, from 0
    created_at: int | None = None
    text: int | None = None
    kinds: tuple[ColumnKind, ...] = ()  # of each column, as far as the first rows tell
    open_end: bool = False  # the last column is a list whose items stand in cells of their own
    optional_from: int = 1 << 30  # the columns from here on are of no field

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether these are the cells of a whole row."""
        return len(cells) == self.cells and self._marked(cells)

    def starts(self, cells: Sequence[str]) -> bool:
        """Whether these cells begin as a row does, be it whole or not."""
        marks = {cells[column].strip(): kind for column, kind in self._marks_before_text.items() if column < len(cells)}
        return any(marks) and all(kind.accepts(value) for value, kind in marks.items())

    def _marked(self, cells: Sequence[str]) -> bool:
        if self.id is not None and not _ID.fullmatch(cells[self.id].strip()):
            return False
        return self.created_at is None or _is_time(cells[self.created_at])

    @property
    def tells(self) -> bool:
        """Whether a line that fits was looked into, and not only counted."""
        return self.id is not None or self.created_at is not None

    @cached_property
    def _marks(self) -> dict[int, ColumnKind]:
        """The columns of ids and times, by which rows are known."""
        return {column: kind for column, kind in ((self.id, _IDS), (self.created_at, _TIMES)) if column is not None}

    @cached_property
    def _marks_before_text(self) -> dict[int, ColumnKind]:
        """Those of them that a delimiter in a text doesn't shift."""
        return {column: kind for column, kind in self._marks.items() if self.text is None or column < self.text}

    @property
    def marks_before_text(self) -> bool:
        """Whether a row is known by what stands before its text."""
        return bool(self._marks_before_text)

    def proof(self, well_formed: bool) -> float:
        """How many lines that fit prove that a row swallowed others.

        `well_formed` rows have their quotation marks in order and the right number of cells: those are most
        likely texts of several lines, perhaps with a list of numbers and commas in them.
        """
        if not well_formed:
            return 1 if self.tells else 3
        if self.id is not None and self.created_at is not None:
            return 1
        return 3 if self.cells > (2 if self.tells else 3) else float("inf")

    def convinces(self, cells: Sequence[str]) -> bool:
        """Whether these cells are a row beyond doubt: the right number, and what they look like says so."""
        if not self.kinds or len(cells) != self.cells:
            return self.tells and self.fits(cells)
        pairs = list(zip(self.kinds, cells, strict=True))
        if not all(kind.accepts(cell) for kind, cell in pairs):
            return False
        if self.tells:
            return any(cells[column].strip() for column in self._marks)
        return any(kind.firm and cell.strip() for kind, cell in pairs)

    def rejoined(self, literal: list[str], cells: list[str], delimiter: str) -> tuple[list[str], int] | None:
        """The cells of a row in which delimiters of one text parted it, and the column of that text.

        `cells` are the `literal` ones without quotation marks around them. None where more than one column may be
        meant.
        """
        extra = len(cells) - self.cells
        if extra <= 0 or not self.kinds or self.cells > _COLUMNS:
            return None
        after = self._looks_right_from(cells)
        rejoined: tuple[list[str], int] | None = None
        for column, kind in enumerate(self.kinds):
            end = column + extra + 1
            if kind.prose and end >= after:
                row = [*cells[:column], delimiter.join(literal[column:end]), *cells[end:]]
                if self.convinces(row):
                    if rejoined:
                        return None
                    rejoined = row, column
            if not kind.accepts(cells[column]):
                break
        return (
            rejoined
            if rejoined and self._is_certain(*rejoined, literal[rejoined[1] : rejoined[1] + extra + 1])
            else None
        )

    def _is_certain(self, cells: list[str], column: int, pieces: list[str]) -> bool:
        """Whether the cells after a text show where it ends; else its delimiters must be those of prose."""
        if self.created_at is not None and any(map(_TIMES.matches, map(str.strip, pieces[1:]))):
            return False  # two rows in one line
        after = list(zip(self.kinds, cells, strict=True))[column + 1 :]
        if not after or any(kind.firm and cell.strip() for kind, cell in after):
            return True
        return all(_PROSE.match(piece) or (last[-1:] + piece[:1]).isdecimal() for last, piece in pairwise(pieces))

    def _looks_right_from(self, cells: list[str]) -> int:
        """The index from which on all cells look like those of the last columns."""
        shift = len(cells) - self.cells
        for column in range(self.cells - 1, -1, -1):
            if not self.kinds[column].accepts(cells[column + shift]):
                return column + shift + 1
        return shift


def kinds_of(rows: Sequence[Sequence[str]], count: int, fields: Mapping[str, int]) -> tuple[ColumnKind, ...]:
    """The kind of each of `count` columns, by the fields that they are and the first whole rows."""
    of_fields = {column: _OF_FIELDS[field] for field, column in fields.items() if field in _OF_FIELDS}
    sample, text = rows[:_SAMPLE_ROWS], fields.get("text")
    kinds = []
    for column in range(count):
        filled = [row[column] for row in sample if row[column].strip()]
        if column == text:
            tidy = len(filled) >= _FILLED and all(map(_TIDY_TEXT.fullmatch, filled))
            kinds.append(_TIDY_TEXTS if tidy else _ANYTHING)
        elif column in of_fields and (not filled or all(map(of_fields[column].accepts, filled))):
            kinds.append(of_fields[column])
        elif not filled:
            kinds.append(_EMPTY if len(sample) >= _FILLED else _ANYTHING)
        else:
            kinds.append(next((kind for kind in _LEARNED if all(map(kind.accepts, filled))), _ANYTHING))
    return tuple(kinds)


def looks_like_names(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first row of words stands above columns of numbers, times or addresses."""
    if any(
        kind.firm and kind is not _FLAGS and kind.accepts(cell) for cell in first if cell.strip() for kind in _LEARNED
    ):
        return False
    whole = [row for row in rows if len(row) == len(first)]
    kinds = kinds_of(whole, len(first), {})
    return any(
        kind in (_NUMBERS, _ADDRESSES, _TIMES, _FLAGS) and first[column].strip() and not kind.accepts(first[column])
        for column, kind in enumerate(kinds)
    )
