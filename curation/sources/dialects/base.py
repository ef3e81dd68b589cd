"""What a dialect is: one way in which other people's tools write posts as JSON objects or as rows of a table.

One file in this folder is one dialect, or a few close relatives. A dialect recognises its records (`score`), reads
them (`posts`), and says of itself what the docs and `curation sources file` print: its docstring, `doc` and
`origin`. Nobody else knows its name.

A dialect only reads. It never raises for what stands in a record, whatever that is: a record that gives no post is
a `NotAPost`, with the reason; something that stands in a post's place (a notice, a private message) is a `LeftOut`,
which is counted and not blamed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from curation.sources.records.dates import TimeColumn
from curation.sources.records.unsettled import DateOrder
from curation.sources.records.x_api_posts import RowOrReason

__all__ = ["Context", "Dialect", "RowOrReason"]

#: Scores that a dialect gives a record: it has what only this dialect has; most of it fits; others write so too.
CERTAIN, LIKELY, POSSIBLE = 1.0, 0.6, 0.3


@dataclass(frozen=True)
class Context:
    """What a file says beside a record, and what the user said of the file."""

    keys: Mapping[str, str] = field(default_factory=dict)  # field → key (or path, `author.name`), by plain names
    order: DateOrder | TimeColumn | None = None  # what stands first in dates like 02-03-2020
    platform: str = "file"  # where the posts were posted, as far as the plain names tell
    author: str | None = None  # handle that `--author` gave, without @
    private: bool = False  # whether the user asked for private conversations
    around: tuple[Mapping[str, Any], ...] = ()  # objects that enclose the record, outermost first, without their lists
    path: str = ""  # where in its file the record lies: `chats.list[].messages[]`; empty for a line or a list
    owner: Mapping[str, Any] | str | None = None  # whose archive it is, where a file of its own says so
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # id → user, where the file has them apart


class Dialect(ABC):
    """One way to write posts."""

    #: What `--format` calls it.
    name: ClassVar[str]
    #: One clause on what it is: "JSON lines of snscrape, old (`content`) and new (`rawContent`)".
    doc: ClassVar[str]
    #: Where people get such a file, and what of it is not read; a sentence or two for the docs.
    origin: ClassVar[str] = ""
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
        return any("columns_score" in parent.__dict__ for parent in cls.__mro__[: cls.__mro__.index(Dialect)])

    @classmethod
    @abstractmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The posts of a record: a row of the raw schema with the record that it was made of, or why there is none.

        The row may lack `author`, where nobody says; `source`, `source_file`, `source_line` and `raw` are added
        later. Of a table, the record has the cells under the names of their columns.
        """


def text_under(record: Mapping[str, Any], key: str) -> str | None:
    """The value under a key if it is a text that isn't blank."""
    value = record.get(key)
    return value if isinstance(value, str) and value.strip() else None
