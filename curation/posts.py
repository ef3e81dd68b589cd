"""The raw schema: what a source says about a post, and what landing adds.

The Arrow schemas, the documentation and the checks at landing are made from the `Column`s. Landed rows are never
edited: rules write to columns of another table. A file that landed before a column was added reads as NULL there.

NULL always means *the source does not say*. An X archive of 2019 or later sets its repost flag to false on every post,
and only the beginning of the text shows a repost, so its `is_repost` is NULL. A CSV without likes has `like_count`
NULL, not 0.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import pyarrow as pa

STRING = pa.string()
FLAG = pa.bool_()
COUNT = pa.int64()
TIME = pa.timestamp("us", tz="UTC")

#: Values of `text_format`: how the text is written, so that entities are decoded once and only where they should be.
TEXT_FORMATS = {
    "plain": "as people see it; an `&amp;` in it was typed by somebody",
    "escaped": "`&`, `<` and `>` are written `&amp;`, `&lt;`, `&gt;`, and nothing else is (X, Twitter)",
    "html": "a fragment of HTML (Mastodon)",
    "unknown": "a table somebody saved: entities of any kind may stand in it",
    "unescaped": "entities were decoded by a rule; only in a corpus, never in a raw file",
}


@dataclass(frozen=True)
class Column:
    """One column of the raw schema."""

    name: str
    type: pa.DataType
    doc: str
    required: bool = False

    @property
    def field(self) -> pa.Field[pa.DataType]:
        """The Arrow field."""
        return pa.field(self.name, self.type, nullable=not self.required)


#: What a source yields.
POST_COLUMNS: tuple[Column, ...] = (
    Column("platform", STRING, "where it was posted: `x`, `bluesky`, `mastodon`, …; `file` if unknown", required=True),
    Column("id", STRING, "the platform's id, as text; a post is counted once by (`platform`, `id`)"),
    Column("author", STRING, "handle, without `@`"),
    Column("author_name", STRING, "display name"),
    Column("author_id", STRING, "the platform's id of the author"),
    Column("created_at", TIME, "when it was posted, UTC, to the microsecond at most"),
    Column("text", STRING, "the text, verbatim, in the format that `text_format` names", required=True),
    Column("text_format", STRING, "`plain`, `escaped`, `html` or `unknown`", required=True),
    Column("lang", STRING, "the platform's own code of the language"),
    Column("is_repost", FLAG, "another author's post, passed on unchanged (a retweet)"),
    Column("repost_of", STRING, "id of the post that was passed on"),
    Column("is_reply", FLAG, "an answer to a post, including the author's own"),
    Column("reply_to", STRING, "id of the answered post"),
    Column("reply_to_author", STRING, "handle of the answered author"),
    Column("is_quote", FLAG, "quotes another post and adds its own text"),
    Column("quote_of", STRING, "id of the quoted post"),
    Column("conversation_id", STRING, "id of the first post of the conversation"),
    Column(
        "edit_of", STRING, "id of the first version of an edited post, in all its versions (X: each has its own id)"
    ),
    Column("edited_at", TIME, "when the text was last edited, UTC; of two versions of a post the later one counts"),
    Column("is_deleted", FLAG, "the author deleted it; an archive may still hold it"),
    Column("is_sensitive", FLAG, "marked as possibly sensitive by platform or author"),
    Column("community", STRING, "id of the community where it was posted"),
    Column("client", STRING, "name of the application that posted it, without markup"),
    Column("url", STRING, "address of the post"),
    Column("like_count", COUNT, "likes, at the time of the download"),
    Column("repost_count", COUNT, "reposts, at the time of the download"),
    Column("reply_count", COUNT, "replies, at the time of the download"),
    Column("quote_count", COUNT, "quotes, at the time of the download"),
    Column("view_count", COUNT, "views, at the time of the download"),
    Column("source", STRING, "name of the source that read it: `x-archive`, `file`, …", required=True),
    Column("source_file", STRING, "its file or archive member, without the folders above the target"),
    Column("source_line", COUNT, "line in that file (JSON lines, CSV) or item number (archives), from 1"),
    Column("raw", STRING, "the whole record as it was downloaded, as compact JSON"),
)

#: What landing adds.
LANDING_COLUMNS: tuple[Column, ...] = (
    Column("landing", pa.int32(), "landing number, from 1; the latest of a (`platform`, `id`) counts", required=True),
    Column("landed_at", TIME, "when it landed, UTC", required=True),
)

POST_SCHEMA = pa.schema([column.field for column in POST_COLUMNS])
_NAMES = frozenset(POST_SCHEMA.names)

RAW_COLUMNS: tuple[Column, ...] = (
    *(Column(c.name, c.type, c.doc, required=c.required or c.name == "id") for c in POST_COLUMNS),
    *LANDING_COLUMNS,
)
RAW_SCHEMA = pa.schema([column.field for column in RAW_COLUMNS])

#: Columns that landings of earlier versions of this program lack.
ADDED = ("edit_of", "edited_at")

#: Where a record came from. A difference here is not a change of the post.
PROVENANCE = frozenset({"source", "source_file", "source_line", "raw", "landing", "landed_at"})

#: The platform of a post whose source names none.
NO_PLATFORM = "file"

#: The author of a post whose source names none.
UNKNOWN_AUTHOR = "unknown"


def batch(posts: Iterable[Mapping[str, object]], same: Mapping[str, str] = MappingProxyType({})) -> pa.RecordBatch:
    """Posts as one Arrow batch in `POST_SCHEMA`; missing keys become NULL.

    `same` has the columns whose value is the same in all of them, whatever they have there.
    Raises `pyarrow.ArrowInvalid` or `pyarrow.ArrowTypeError` for a value of a wrong type.
    """
    rows = list(posts)
    there = frozenset[str]().union(*rows)  # a source names about a third of the columns
    struct, places = _shape(there & _NAMES)
    try:
        # All columns at once: going through all rows for each column would fetch every row from memory 31 times.
        together: Any = pa.array(rows, struct)  # the stubs know no array of structs
        given = together.flatten()
    except (ValueError, TypeError, OverflowError):  # Arrow's own exceptions; a column by itself has the plainer ones
        given = [pa.array([row.get(field.name) for row in rows], field.type) for field in struct]
    nulls = _nulls(len(rows))
    columns = [nulls[index] if place is None else given[place] for index, place in enumerate(places)]
    for name, value in same.items():
        columns[POST_SCHEMA.get_field_index(name)] = pa.repeat(pa.scalar(value, STRING), len(rows))
    return pa.RecordBatch.from_arrays(columns, schema=POST_SCHEMA)


@functools.lru_cache(64)
def _shape(there: frozenset[str]) -> tuple[pa.StructType, list[int | None]]:
    """The columns that are there as one type, and the place of each column of `POST_SCHEMA` in it."""
    names = [name for name in POST_SCHEMA.names if name in there]
    places = [names.index(name) if name in there else None for name in POST_SCHEMA.names]
    return pa.struct([POST_SCHEMA.field(name).with_nullable(True) for name in names]), places


@functools.lru_cache(4)
def _nulls(rows: int) -> list[pa.Array[Any]]:
    """Each column of `POST_SCHEMA` with nothing but NULL; a feed's pages have the same number of rows."""
    return [pa.nulls(rows, field.type) for field in POST_SCHEMA]


def batch_of_columns(columns: Mapping[str, pa.Array[Any]], rows: int) -> pa.RecordBatch:
    """Columns as one Arrow batch in `POST_SCHEMA`; missing ones become NULL. Raises as `batch` does."""
    nulls = _nulls(rows)
    arrays = [columns.get(name, nulls[index]) for index, name in enumerate(POST_SCHEMA.names)]
    return pa.RecordBatch.from_arrays(arrays, schema=POST_SCHEMA)


Rows = TypeVar("Rows", pa.RecordBatch, pa.Table)


def completed(rows: Rows, schema: pa.Schema) -> Rows:
    """Rows in `schema`; columns that they lack are NULL."""
    there = set(rows.schema.names)
    columns = [rows[field.name] if field.name in there else pa.nulls(rows.num_rows, field.type) for field in schema]
    names = [field.name for field in schema]
    return type(rows).from_arrays(columns, names=names).cast(schema)
