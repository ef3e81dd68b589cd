"""Pins decide: they are applied to the finished parts of a corpus, after the last rule.

A post's column `by_hand` has its pin, 'removed' or 'kept'; NULL: none. `matched` stays what the rules say: the recipe
alone removes the post by `matched[1]`. `removed_by` is what counts:

==========  ==================  =================
`by_hand`   the recipe keeps    the recipe removes
==========  ==================  =================
NULL        NULL                `matched[1]`
'removed'   'by_hand'           `matched[1]`
'kept'      NULL                NULL
==========  ==================  =================

Only the parts with a post whose pin changed are written anew; the others are taken along. A corpus that is older than
the column is written anew as a whole, once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.corpus.pins.pin_file import KEPT, Pins
from curation.disk.whole_files import take_along
from curation.engines.shard_files import READ_AT_ONCE, part_writer
from curation.recipes.verdict import BY_HAND
from curation.sql import database, literal

#: Of a file, by the numbers of its rows: the pin that a post has now; None: none.
RowPins = Mapping[int, str | None]


def pending(files: Sequence[Path], pins: Pins) -> dict[int, RowPins]:
    """The posts of a corpus's files whose pin isn't applied, by the number of their file."""
    columns = [[pin.platform for pin in pins.pins], [pin.id for pin in pins.pins], [pin.want for pin in pins.pins]]
    current = BY_HAND if _has_column(files[0]) else "CAST(NULL AS VARCHAR)"
    if not pins.pins and current != BY_HAND:
        return {}
    with contextlib.closing(database.reader()) as connection:
        rows = connection.execute(
            f"""
            WITH pins AS (
                SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id, unnest(?::VARCHAR[]) AS want
            )
            SELECT file_index, file_row_number, want
            FROM read_parquet({literal(map(str, files))}) LEFT JOIN pins USING (platform, id)
            WHERE {current} IS DISTINCT FROM want
            """,
            columns,
        ).fetchall()
    changes: dict[int, dict[int, str | None]] = {}
    for part, row, want in rows:
        changes.setdefault(part, {})[row] = want
    return dict(changes)


def decide(files: Sequence[Path], changes: Mapping[int, RowPins], into: Path) -> list[str]:
    """Make the parts of a corpus with the changes of `pending` in the new folder `into`; gives their names in order."""
    everything = not _has_column(files[0])
    into.mkdir()
    new, stem = [], uuid.uuid4().hex[:8]
    for number, path in enumerate(files):
        if everything or number in changes:
            new.append(f"part-{stem}-{number:05d}.parquet")
            _write(path, changes.get(number, {}), into / new[-1])
        else:
            new.append(path.name)
            take_along(path, into / path.name)
    return new


def applied(files: Sequence[Path]) -> dict[str, Any] | None:
    """The pins in a corpus's files, for its manifest: a digest, and how many keep and remove; None if there are none.

    Pins of posts that the corpus lacks have no part in the digest.
    """
    if not _has_column(files[0]):
        return None
    with contextlib.closing(database.reader()) as connection:
        rows = connection.execute(
            f"SELECT {BY_HAND}, platform, id FROM read_parquet({literal(map(str, files))}) "
            f"WHERE {BY_HAND} IS NOT NULL ORDER BY ALL"
        ).fetchall()
    if not rows:
        return None
    kept = sum(want == KEPT for want, *_ in rows)
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
    return {"digest": digest, "kept": kept, "removed": len(rows) - kept}


def _has_column(path: Path) -> bool:
    return BY_HAND in pq.read_schema(path).names


def _write(path: Path, pins: RowPins, to: Path) -> None:
    """Write a part anew with other pins."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        if BY_HAND not in schema.names:
            schema = schema.insert(schema.get_field_index("removed_by") + 1, pa.field(BY_HAND, pa.string()))
        first = 0
        with part_writer(to, schema) as part:
            for group in range(file.num_row_groups):
                posts = file.read_row_group(group)
                here = {row - first: want for row, want in pins.items() if first <= row < first + posts.num_rows}
                part.write_table(_decided(posts, here, schema), row_group_size=READ_AT_ONCE)
                first += posts.num_rows


def _decided(posts: pa.Table, pins: RowPins, schema: pa.Schema) -> pa.Table:
    """Some posts with other pins."""
    if BY_HAND not in posts.column_names:
        none = pa.nulls(posts.num_rows, pa.string())
        posts = posts.append_column(BY_HAND, none).select(schema.names)
    if not pins:
        return posts
    columns = {name: posts[name].to_pylist() for name in (BY_HAND, "removed_by")}
    for row, want in pins.items():
        columns[BY_HAND][row] = want
        columns["removed_by"][row] = removed_by(posts["matched"][row].as_py(), want)
    for name, values in columns.items():
        at = schema.get_field_index(name)
        posts = posts.set_column(at, schema.field(at), pa.array(values, schema.field(at).type))
    return posts


def removed_by(matched: Sequence[str] | None, want: str | None) -> str | None:
    """What removes a post with these matching rules and this pin; None: it is kept."""
    if want == KEPT:
        return None
    if matched:
        return matched[0]
    return BY_HAND if want else None
