"""What a whole row of a table looks like: this shows broken rows, and how to join their pieces.

A row with more cells than the header had a delimiter in an unquoted text. `RowShape.rejoined` joins its pieces if only
one column can have held that text: every other cell must look like those of its column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from curation.sources.records.dates import written_time
from curation.sources.records.fields import COUNTS, FLAGS

# A number, or something longer with a number in it; no word of a text. Around it, marks that keep spreadsheets off it.
_ID = re.compile(r"[='\"]{0,3}(?:\d{1,25}|(?=\D*\d)[\w.+:/@#-]{6,200})\"?", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,20}(?:[.,]\d{1,20})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_FLAG = re.compile(r"true|false|yes|no|[tfyn01]", re.IGNORECASE)
_URL = re.compile(r"https?://\S{1,2000}")
_WORD = re.compile(r"\S{1,200}")
_TIDY = re.compile(r"\S[^\r\n]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?", re.ASCII)
#: What follows a delimiter in a text.
_PROSE = re.compile(r"\s|$")
_TIDY_TEXT = re.compile(r"\S.*", re.DOTALL)

#: Rows that show the kinds of the columns, and filled cells that show a column's style.
_SAMPLE_ROWS, _FILLED = 200, 2
#: With more columns, rows are not joined.
_COLUMNS = 500


def _is_time(cell: str) -> bool:
    return written_time(cell, "day") is not None or written_time(cell, "month") is not None


@dataclass(frozen=True)
class ColumnKind:
    """What the filled cells of a column have in common."""

    matches: Callable[[str], object]
    firm: bool = False  # no piece of a text looks like this by chance
    prose: bool = False  # a piece of a text may look like this

    def accepts(self, cell: str) -> bool:
        """Whether a cell is empty or of this kind."""
        return not cell or bool(self.matches(cell.strip() if self.firm else cell))


_EMPTY = ColumnKind(lambda _: False)
_FLAGS = ColumnKind(_FLAG.fullmatch, firm=True)
_NUMBERS = ColumnKind(_NUMBER.fullmatch, firm=True)
_ADDRESSES = ColumnKind(_URL.fullmatch, firm=True)
_TIMES = ColumnKind(_is_time, firm=True)
_IDS = ColumnKind(_ID.fullmatch, firm=True)
_LANGUAGES = ColumnKind(_LANGUAGE.fullmatch)
_WORDS = ColumnKind(_WORD.fullmatch)
_LINES = ColumnKind(_TIDY.fullmatch, prose=True)
_TIDY_TEXTS = ColumnKind(_TIDY_TEXT.fullmatch, prose=True)
_ANYTHING = ColumnKind(lambda _: True, prose=True)

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
    open_end: bool = False  # the last column is a list with a cell for each item
    optional_from: int = 1 << 30  # the columns from here on are no fields

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether these are the cells of a whole row."""
        return len(cells) == self.cells and self._marked(cells)

    def starts(self, cells: Sequence[str]) -> bool:
        """Whether these cells begin as a row does, whole or not."""
        marks = {cells[column].strip(): kind for column, kind in self.marks_before_text.items() if column < len(cells)}
        return any(marks) and all(kind.accepts(value) for value, kind in marks.items())

    def _marked(self, cells: Sequence[str]) -> bool:
        if self.id is not None and not _ID.fullmatch(cells[self.id].strip()):
            return False
        return self.created_at is None or _is_time(cells[self.created_at])

    @property
    def tells(self) -> bool:
        """Whether a line fits by its id or time, and not only by the number of its cells."""
        return self.id is not None or self.created_at is not None

    @cached_property
    def _marks(self) -> dict[int, ColumnKind]:
        """The columns of ids and times, which show a row."""
        return {column: kind for column, kind in ((self.id, _IDS), (self.created_at, _TIMES)) if column is not None}

    @cached_property
    def marks_before_text(self) -> dict[int, ColumnKind]:
        """The columns of ids and times that a delimiter in a text doesn't shift."""
        return {column: kind for column, kind in self._marks.items() if self.text is None or column < self.text}

    def proof(self, well_formed: bool) -> float:
        """The number of lines within a row that prove, if each fits, that the row swallowed others.

        A `well_formed` row has its quotation marks in order and the right number of cells. Most likely it has a text of
        several lines, perhaps with a list of numbers and commas in it.
        """
        if not well_formed:
            return 1 if self.tells else 3
        if self.id is not None and self.created_at is not None:
            return 1
        return 3 if self.cells > (2 if self.tells else 3) else float("inf")

    def convinces(self, cells: Sequence[str]) -> bool:
        """Whether these cells are a row beyond doubt, by their number and their looks."""
        if not self.kinds or len(cells) != self.cells:
            return self.tells and self.fits(cells)
        pairs = list(zip(self.kinds, cells, strict=True))
        if not all(kind.accepts(cell) for kind, cell in pairs):
            return False
        if self.tells:
            return any(cells[column].strip() for column in self._marks)
        return any(kind.firm and cell.strip() for kind, cell in pairs)

    def rejoined(self, literal: list[str], cells: list[str], delimiter: str) -> tuple[list[str], int] | None:
        """The cells of a row whose text is split at its delimiters, and the column of that text.

        `cells` are the `literal` ones without quotation marks around them. None if several columns are possible.
        """
        extra = len(cells) - self.cells
        if self.cells == 1 and self.text == 0 and extra > 0:
            return self._rejoined_text(literal, delimiter)
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
        if rejoined and self._is_certain(*rejoined, literal[rejoined[1] : rejoined[1] + extra + 1]):
            return rejoined
        return None

    def _rejoined_text(self, literal: list[str], delimiter: str) -> tuple[list[str], int] | None:
        """The line as the text of a table's only column; None if a piece looks like the cell of another column."""
        firm = (_NUMBERS, _ADDRESSES, _TIMES)
        if any(kind.matches(piece.strip()) for piece in literal if piece.strip() for kind in firm):
            return None
        return [delimiter.join(literal)], 0

    def _is_certain(self, cells: list[str], column: int, pieces: list[str]) -> bool:
        """Whether the cells after a text show where it ends, or else its delimiters are those of prose."""
        if self.created_at is not None and any(map(_TIMES.matches, map(str.strip, pieces[1:]))):
            return False  # two rows in one line
        after = list(zip(self.kinds, cells, strict=True))[column + 1 :]
        if not after or any(kind.firm and cell.strip() for kind, cell in after):
            return True
        return all(_PROSE.match(piece) or (last[-1:] + piece[:1]).isdecimal() for last, piece in pairwise(pieces))

    def _looks_right_from(self, cells: list[str]) -> int:
        """The index from which all cells look like those of the last columns."""
        shift = len(cells) - self.cells
        for column in range(self.cells - 1, -1, -1):
            if not self.kinds[column].accepts(cells[column + shift]):
                return column + shift + 1
        return shift


def kinds_of(rows: Sequence[Sequence[str]], count: int, fields: Mapping[str, int]) -> tuple[ColumnKind, ...]:
    """The kind of each of `count` columns, by their fields and the first whole rows."""
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
    firm = (_NUMBERS, _ADDRESSES, _TIMES)
    if any(kind.accepts(cell) for cell in first if cell.strip() for kind in firm):
        return False
    whole = [row for row in rows if len(row) == len(first)]
    kinds = kinds_of(whole, len(first), {})
    return any(
        kind in (*firm, _FLAGS) and first[column].strip() and not kind.accepts(first[column])
        for column, kind in enumerate(kinds)
    )
