"""The names of a table's columns: the fields they stand for, and the kind of table they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curation.errors import UsageError, did_you_mean
from curation.sources.dialects import dialects
from curation.sources.dialects.base import Dialect
from curation.sources.records.field_names import plain_field_name, recognise_fields
from curation.writing.characters import without_invisible

ARCHIVE = "the tweets.csv of an X archive"
SNSCRAPE = "a CSV that was made of snscrape's posts"
TABLE = "a table"
_ARCHIVE_NAMES = frozenset({"tweetid", "timestamp", "source", "text", "retweetedstatusid", "expandedurls"})
#: Characters around a column's name by accident: blanks and quotation marks. What is invisible goes anywhere in it.
AROUND = " \t\r\n\u00a0'\"`"


def fields_of(names: tuple[str, ...], mapping: Mapping[str, str], file: str, *, headed: bool = True) -> dict[str, int]:
    """Field → column, by the names and by `--map`. Raises `UsageError` for a column that isn't there."""
    fields = {}
    if headed:
        positions = {column: i for i, column in reversed(list(enumerate(names)))}
        fields = {f: positions[column] for f, column in recognise_fields(names).items()}
    chosen = {f: _column(f, column, names, file) for f, column in mapping.items()}
    taken = set(chosen.values())
    return {f: i for f, i in fields.items() if i not in taken} | chosen


def dialect_of(names: Sequence[str]) -> type[Dialect] | None:
    """The dialect that recognises a table of these columns, if one does."""
    score, dialect = max(((d.columns_score(names), d) for d in dialects()), key=lambda scored: scored[0])
    return dialect if score else None


def _column(field_name: str, column: str, names: tuple[str, ...], file: str) -> int:
    if column in names:
        return names.index(column)
    alike = [i for i, name in enumerate(names) if plain_field_name(name) == plain_field_name(column)]
    if len(alike) == 1:
        return alike[0]
    if column.isdecimal() and len(column) < 10 and 1 <= int(column) <= len(names):
        return int(column) - 1
    raise UsageError(f"--map {field_name}={column}: {file} has no column '{column}'.{did_you_mean(column, names)}")


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """The header's cells, each with a name of its own."""
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = without_invisible(cell).strip(AROUND) or f"column {number}"
        names[name if name not in names else f"{name} ({number})"] = None
    return tuple(names)


def kind_of_table(names: Sequence[str]) -> str:
    """`ARCHIVE`, `SNSCRAPE` or `TABLE`, by the names of the columns."""
    if set(map(plain_field_name, names)) >= _ARCHIVE_NAMES:
        return ARCHIVE
    scraped = {"_type", "renderedContent", "conversationId", "retweetedTweet"} & set(names)
    if scraped and "user" in names and {"content", "rawContent"} & set(names):
        return SNSCRAPE
    return TABLE
