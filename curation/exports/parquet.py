"""Posts with their identity, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.exports.base import Export, Settings, Sink

if TYPE_CHECKING:
    from curation.exports.kept import Kept

#: Columns of the table, all of them text.
COLUMNS = ("id", "author", "text", "created_at", "platform", "lang")

#: Posts in a row group.
ROW_GROUP = 32_768


class Parquet(Export):
    """One table: `id`, `author`, `text`, `created_at`, `platform`, `lang`; by author, then by time.

    Every column is text. Libraries that load training data guess types where they can: an id that became a
    number somewhere between two tools is a wrong id, and a time comes back in whatever zone and unit a reader
    prefers. `created_at` is ISO 8601 in UTC with `Z`, the same characters as in `jsonl`; null when the source
    doesn't say. `lang` is the platform's own guess.

    The text is as the recipe left it, a typed `<|endoftext|>` included, for the reason given at `jsonl`.
    Posts without text are there too. The bytes are the same for the same versions of pyarrow.
    """

    name = "parquet"
    extension = "parquet"
    needs_text = False
    boundaries = False

    def write(self, kept: Kept, split: str, settings: Settings, sink: Sink) -> None:
        """Write the row groups."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for chunk in kept.in_order(", ".join(COLUMNS), split, chunk_rows=ROW_GROUP):
                columns = [pa.array(values, pa.string()) for values in zip(*chunk, strict=True)]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=ROW_GROUP)
                sink.wrote(len(chunk))
