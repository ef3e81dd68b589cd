"""The grammar of a search.

::

    search    one {OR one}
    one       item {[AND] item}                     every item must hold
    item      [- | NOT] item | ( search ) | [field:] term
    term      word | "phrase" | /regular expression/ | #tag | @mention

What can't be anything else is a text to find: `:-)`, `--`, `and/or`, `5"`. Errors say at which character.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Sequence

import duckdb

from curation.corpus.search import spelling
from curation.corpus.search.fields import ANYWHERE, DATE, FIELDS, LINK, WHOLE, Field
from curation.corpus.search.nodes import AllOf, AnyOf, Filled, Has, Matches, Node, Not, Search, When
from curation.corpus.search.spelling import ANY, BLANK, NOTHING, Edge, edge, spelled
from curation.errors import UsageError, did_you_mean
from curation.sql import BLANKS, database
from curation.writing.characters import is_whole
from curation.writing.terminal import count

#: Most characters of a search and of a regular expression in it; most terms; most brackets within one another.
LONGEST, LONGEST_REGEX, TERMS, DEEPEST = 10_000, 1_000, 50, 20
#: Most `*` inside a word: Python's `re` would try each length of each.
STARS = 2
_OPENING, _CLOSING = '"“„”', '"”“'
_BLANK = re.compile(f"[{re.sub(r'x{([0-9a-f]+)}', lambda found: f'u{int(found[1], 16):04x}', BLANKS)}]")
_FIELD = re.compile(r"([A-Za-z]+)[:：](?=\S)")
_TAG, _MENTION = re.compile(r"[#＃]([^\W]|[*]\w)"), re.compile(r"[@＠][A-Za-z0-9_.@-]*[A-Za-z0-9_*]")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(?=[\s)]|$)", re.DOTALL)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@functools.lru_cache(256)
def parse(text: str) -> Search:
    """The search that somebody typed. Raises `UsageError` with the place of what can't be read.

    >>> parse("coffee -tea").spans("Coffee or tea? A #coffee!")
    [(0, 6), (18, 24)]
    """
    if len(text) > LONGEST:
        raise UsageError(f"The search has {count(len(text), 'character')}; it can have {LONGEST:,}.")
    if not is_whole(text):
        raise UsageError("The search holds characters that are not Unicode.")
    return Search(text, _Reader(text).read())


class _Reader:
    """Reads a search from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.terms = text, 0, 0
        self.brackets = self.nested = 0  # open ones; the second counts each `-` too

    def read(self) -> Node | None:
        """All of it."""
        self._skip()
        return None if self._ended() else self._alternatives(ANYWHERE)

    def _error(self, what: str, at: int | None = None) -> UsageError:
        return UsageError(f"The search can't be read at character {(self.at if at is None else at) + 1}: {what}")

    def _ended(self) -> bool:
        return self.at >= len(self.text)

    def _skip(self) -> None:
        while not self._ended() and _BLANK.match(self.text, self.at):
            self.at += 1

    def _peek(self) -> str:
        """The next word, up to a blank or a bracket, without taking it."""
        end = self.at
        while (
            end < len(self.text) and not _BLANK.match(self.text, end) and not (self.brackets and self.text[end] == ")")
        ):
            end += 1
        return self.text[self.at : end]

    def _alternatives(self, field: Field) -> Node:
        nodes, at = [self._sequence(field)], self.at
        while self._peek() == "OR":
            at, self.at = self.at, self.at + 2
            self._skip()
            if self._ends():
                raise self._error('OR needs something on both sides. To find the word, write "or".', at)
            nodes.append(self._sequence(field))
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))

    def _ends(self) -> bool:
        """Whether nothing follows in these brackets."""
        return self._ended() or (self.brackets > 0 and self.text[self.at] == ")")

    def _sequence(self, field: Field) -> Node:
        if self._peek() in ("OR", "AND"):
            word = self._peek()
            raise self._error(f'{word} needs something on both sides. To find the word, write "{word.lower()}".')
        nodes = [self._item(field)]
        self._skip()
        while not self._ends() and self._peek() != "OR":
            if self._peek() == "AND":
                at, self.at = self.at, self.at + 3
                self._skip()
                if self._ends() or self._peek() in ("OR", "AND"):
                    raise self._error('AND needs something on both sides. To find the word, write "and".', at)
            nodes.append(self._item(field))
            self._skip()
        return nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))

    def _item(self, field: Field) -> Node:
        word = self._peek()
        if word == "NOT" or (word[:1] == "-" and word[1:2] not in ("", "-")):
            at, self.at = self.at, self.at + (3 if word == "NOT" else 1)
            self._skip()
            if self._ends():
                raise self._error('NOT needs something behind it. To find the word, write "not".', at)
            self._nest(1, at)
            node = Not(self._item(field))
            self._nest(-1, at)
            return node
        if word[:1] == "(":
            return self._group(field)
        if (found := _FIELD.match(self.text, self.at)) and not word.startswith(("http:", "https:")):
            if other := self._field(found[1]):
                if field is not ANYWHERE:
                    raise self._error(f"{found[1]}: stands within {field.name}:, and a term can have one field.")
                self.at = found.end()
                return self._group(other) if self.text[self.at] == "(" else self._term(other)
        elif word.endswith((":", "：")) and word[:-1].lower() in FIELDS:
            raise self._error(f"{word} needs a value, such as {FIELDS[word[:-1].lower()].example}.")
        return self._term(field)

    def _nest(self, by: int, at: int) -> None:
        self.nested += by
        if self.nested > DEEPEST:
            raise self._error(f"it has more than {DEEPEST} brackets or signs within one another.", at)

    def _group(self, field: Field) -> Node:
        at, self.at, self.brackets = self.at, self.at + 1, self.brackets + 1
        self._nest(1, at)
        self._skip()
        if not self._ended() and self.text[self.at] == ")":
            raise self._error("there is nothing in these brackets.", at)
        node = None if self._ended() else self._alternatives(field)
        self._skip()
        if node is None or self._ended():
            raise self._error('this bracket is never closed. To find a bracket, write "(".', at)
        self._nest(-1, at)
        self.at, self.brackets = self.at + 1, self.brackets - 1
        return node

    def _field(self, name: str) -> Field | None:
        """The field of this name; None if the word is a text that has a colon."""
        if field := FIELDS.get(name.lower()):
            return field
        hint, _, _ = did_you_mean(name.lower(), FIELDS).partition(" There is:")
        if hint:
            raise self._error(f"there is no field '{name}'.{hint} To find it as a text, write \"{name}:…\".")
        return None

    def _term(self, field: Field) -> Node:
        self.terms += 1
        if self.terms > TERMS:
            raise self._error(f'it has more than {TERMS} terms. To find a whole text, write "…" around it.')
        start = self.at
        if field.compares != DATE and (found := _REGEX.match(self.text, start)):
            self.at = found.end()
            return self._regex(field, found[1], start)
        starred = self.text[start] == "*" and self.text[start + 1 : start + 2] in tuple(_OPENING)
        if starred or self.text[start] in _OPENING:
            return self._phrase(field, starred)
        word = self._peek()
        self.at = start + len(word)
        if field.compares == DATE:
            return self._date(field, word, start)
        return self._word(field, word, start)

    def _regex(self, field: Field, pattern: str, at: int) -> Node:
        if len(pattern) > LONGEST_REGEX:
            raise self._error(f"this regular expression has more than {LONGEST_REGEX:,} characters.", at)
        expression = f"(?i){pattern}".replace(r"\/", "/")
        try:
            database.reader().execute("SELECT regexp_matches('', ?)", [expression]).fetchall()
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0].removeprefix("Invalid Input Error: ")
            raise self._error(f"this regular expression is not one of RE2: {reason}.", at) from None
        return Matches(field, expression)

    def _phrase(self, field: Field, starred: bool) -> Node:
        at = self.at
        begin = at + 1 + starred
        end = begin
        while end < len(self.text) and self.text[end] not in _CLOSING:
            end += 2 if self.text[end : end + 2] == '\\"' else 1
        if end >= len(self.text):
            raise self._error('this quotation mark is never closed. Within quotes, write \\" to find one.', at)
        self.at = end + 1
        trailing = self.text[self.at : self.at + 1] == "*"
        self.at += trailing
        words = [part for part in _BLANK.split(self.text[begin:end].replace('\\"', '"')) if part]
        if not words:
            raise self._error("there is nothing between the quotation marks.", at)
        return self._spelled(field, words, BLANK, (starred, trailing))

    def _word(self, field: Field, word: str, at: int) -> Node:
        if set(word) == {"*"}:
            if field is ANYWHERE:
                raise self._error('a * stands for other letters and needs some beside it. To find a *, write "*".', at)
            return Filled(field)
        opened = (word.startswith("*"), word.endswith("*"))
        parts = [part for part in word.split("*") if part]
        if len(parts) > STARS + 1:
            raise self._error(f"a word can have {STARS} * inside it.", at)
        if field.compares == LINK:
            parts[0] = re.sub(r"^(?:https?://)?(?:www\.)?(?=.)", "", parts[0], flags=re.IGNORECASE)
        if field.compares == WHOLE and field.name != "id":
            parts[0] = parts[0].lstrip("@＠") or parts[0]
        if field.compares not in (WHOLE, LINK) and not opened[0]:
            if _TAG.match(word):
                right = edge("behind letter" if opened[1] else "behind tag")
                return Has(field, spelled(parts, ANY, NOTHING, right), word)
            if _MENTION.fullmatch(word):
                right = edge("behind letter" if opened[1] else "behind handle")
                return Has(field, spelled(parts, ANY, edge("before handle"), right), word)
        return self._spelled(field, parts, ANY, opened)

    def _spelled(self, field: Field, parts: Sequence[str], joint: Sequence[str], opened: tuple[bool, bool]) -> Node:
        left, right = self._edges(field, parts)
        left = NOTHING if opened[0] and field.compares != LINK else left
        right = edge("behind letter") if opened[1] else right
        return Has(field, spelled(parts, joint, left, right), ("*" if joint == ANY else " ").join(parts))

    def _edges(self, field: Field, parts: Sequence[str]) -> tuple[Edge, Edge]:
        if field.compares == WHOLE:
            return edge("before all"), edge("behind all")
        left = edge("in link") if field.compares == LINK else spelling.before(parts[0])
        return left, spelling.behind(parts[-1])

    def _date(self, field: Field, word: str, at: int) -> Node:
        found = _DAY.fullmatch(word)
        try:
            year, month, day = (int(part) if part else 0 for part in found.groups()) if found else (0, 0, 0)
            first = datetime.datetime(year, month or 1, day or 1, tzinfo=datetime.UTC)
            if field.name == "since":
                return When(field, first)
            if day:
                return When(field, first + datetime.timedelta(days=1))
            behind = (year, month + 1) if 0 < month < 12 else (year + 1, 1)
            return When(field, first.replace(*behind))
        except (ValueError, OverflowError):
            raise self._error(
                f"{field.name}: needs a day, month or year, such as 2020-03-31; given was {word}.", at
            ) from None
