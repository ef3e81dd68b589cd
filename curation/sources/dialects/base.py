"""What a dialect is: one way in which other people's tools write posts as JSON objects or as rows of a table.

One file in this folder is one dialect, or a few close relatives. A dialect recognises its records (`score`), reads
them (`posts`, or the `row` of a `OnePost`), and says of itself what the docs and `curation sources file` print:
its docstring, `doc` and `origin`. Nobody else knows its name.

A dialect only reads, and no value in a record makes it fail. A record that gives no post is a `NotAPost`, with the
reason. If something is in a post's place (a notice, a private message), that is a `LeftOutRecord`: counted, not blamed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from curation.posts import NO_PLATFORM
from curation.sources.records.dates import TimeColumn
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.unsettled import DateOrder
from curation.sources.records.x_api_posts import RowOrReason

__all__ = ["Context", "Dialect", "OnePost", "RowOrReason"]

#: Scores that a dialect gives a record: it has what only this dialect has; most of it fits; others write so too.
CERTAIN, LIKELY, POSSIBLE = 1.0, 0.6, 0.3


@dataclass(frozen=True)
class Context:
    """What a file says around a record, and what the user says of the file."""

    keys: Mapping[str, str] = field(default_factory=dict)  # field → key (or path, `author.name`), by plain names
    order: DateOrder | TimeColumn | None = None  # what comes first in dates like 02-03-2020
    platform: str = NO_PLATFORM  # where the posts were posted, as far as the plain names tell
    author: str | None = None  # handle that `--author` gave, without @
    private: bool = False  # whether the user asked for private conversations
    around: tuple[Mapping[str, Any], ...] = ()  # objects that enclose the record, outermost first, without their lists
    path: str = ""  # where in its file the record is: `chats.list[].messages[]`; empty for a line or a list
    owner: Mapping[str, Any] | str | None = None  # whose archive it is, where a file of its own says so
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # id → user, where the file has them apart

    def check_author(self, names: Iterable[object], place: str) -> None:
        """Raise `LeftOutRecord` unless one of the names of a message's author is that of `--author`.

        `place` is where people write to each other: a group, a channel, a room.
        """
        if not self.author:
            raise LeftOutRecord(
                f"in a {place} only the messages of one person are read; name that person with --author"
            )
        if self.author.casefold() not in {name.casefold() for name in names if isinstance(name, str) and name}:
            raise LeftOutRecord("a message of somebody else than --author")


class Dialect(ABC):
    """One way to write posts."""

    #: What `--format` calls it.
    name: ClassVar[str]
    #: One clause on what it is: "JSON lines of snscrape, old (`content`) and new (`rawContent`)".
    doc: ClassVar[str]
    #: Where people get such a file, and what of it is not read; a sentence or two for the docs.
    origin: ClassVar[str] = ""
    #: Where its posts were posted, if a row doesn't say.
    platform: ClassVar[str] = NO_PLATFORM
    #: Why a record without words is left out; empty if it lands.
    wordless: ClassVar[str] = ""
    #: Keys of a record that never land.
    not_kept: ClassVar[frozenset[str]] = frozenset()
    #: Whether posts in it may be found by their plain names (`keys`) as well.
    plain_names: ClassVar[bool] = False

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """How surely a record is of this dialect, from 0 (no) to 1 (it has what only this dialect has).

        `around` are the objects that enclose it, outermost first.
        """
        return 0.0

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """How surely a table with a header of these names is of this dialect, from 0 to 1."""
        return 0.0

    @classmethod
    def reads_tables(cls) -> bool:
        """Whether rows of a table may be of this dialect."""
        return cls.columns_score.__func__ is not Dialect.columns_score.__func__  # type: ignore[attr-defined]

    @classmethod
    @abstractmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The posts of a record: a row of the raw schema with the record that it was made of, or why there is none.

        The row may lack `author`; `source`, `source_file`, `source_line` and `raw` are added later. A record of a table
        has the cells under the names of their columns.
        """

    @classmethod
    def whole_row(cls, row: dict[str, Any]) -> dict[str, Any]:
        """A row with the dialect's platform and plain text where it has none. Raises `LeftOutRecord` without words."""
        text = row.get("text")
        if cls.wordless and not (isinstance(text, str) and text.strip()):
            raise LeftOutRecord(cls.wordless)
        return {"platform": cls.platform, "text_format": "plain", **row}


class OnePost(Dialect):
    """A dialect in which a record is one post."""

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The post of a record, as `Dialect.posts` gives it."""
        try:
            row = cls.whole_row(cls.row(record, context))
        except NotAPost as why:
            return [why]
        kept = {key: value for key, value in record.items() if key not in cls.not_kept} if cls.not_kept else record
        return [(row, kept)]

    @classmethod
    @abstractmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        """The row of a record. Raises `NotAPost`."""


def text_under(record: Mapping[str, Any], key: str) -> str | None:
    """The value under a key if it is a text that isn't blank."""
    value = record.get(key)
    return value if isinstance(value, str) and value.strip() else None
