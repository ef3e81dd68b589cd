"""Judges rules on literal posts, without landing and without a corpus.

>>> [post] = judge([{"text": "so true"}], {"use": "min_words", "min": 3})     # doctest: +SKIP
>>> post["removed_by"], post["min_words"]                                     # doctest: +SKIP
('min_words', 2)

`judge` writes the posts to Parquet in the raw schema, compiles a recipe of the rules, and runs its stages on
the local engine: what a rule does here is what it does in a run.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.engines.compiling import compile_recipe
from curation.engines.local import LocalEngine
from curation.posts import RAW_SCHEMA
from curation.recipes.recipe import Recipe

MOMENT = datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.UTC)

#: What a post is unless the test says otherwise.
USUAL = {
    "platform": "x",
    "author": "mira",
    "created_at": MOMENT,
    "text": "an invented post",
    "text_format": "plain",
    "source": "file",
    "landing": 1,
    "landed_at": MOMENT,
}


def raw_table(posts: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Posts as a table in the raw schema; ids that are not given are the numbers from 1."""
    rows = [{**USUAL, "id": str(number), **post} for number, post in enumerate(posts, start=1)]
    return pa.table(
        [pa.array([row.get(column.name) for row in rows], type=column.type) for column in RAW_SCHEMA],
        schema=RAW_SCHEMA,
    )


def write_raw(path: Path, posts: Iterable[Mapping[str, Any]], groups: Sequence[int] = ()) -> Path:
    """Write posts as one raw Parquet file, in row groups of the sizes `groups`, the rest in one more."""
    table = raw_table(posts)
    first = 0
    with pq.ParquetWriter(path, RAW_SCHEMA) as writer:
        for size in groups:
            writer.write_table(table.slice(first, size))
            first += size
        if first < table.num_rows or not groups:
            writer.write_table(table.slice(first))
    return path


def recipe_of(*rules: Mapping[str, Any]) -> Recipe:
    """A recipe of these rules, as its TOML file would be read."""
    return Recipe.parse({"name": "judged", "rule": [dict(rule) for rule in rules]})


def run_files(files: Sequence[Path], recipe: Recipe, into: Path, **engine: Any) -> list[dict[str, Any]]:
    """Run a recipe over raw Parquet files; gives the posts of the corpus in their order."""
    parts = LocalEngine(**{"workers": 1, **engine}).run(compile_recipe(recipe), files, into)
    return [post for part in parts for post in pq.read_table(part).to_pylist()]


def judge(posts: Iterable[Mapping[str, Any]], *rules: Mapping[str, Any], **engine: Any) -> list[dict[str, Any]]:
    """The posts after these rules, with their verdict columns, in the order given."""
    with tempfile.TemporaryDirectory() as folder:
        raw = write_raw(Path(folder) / "raw.parquet", posts)
        return run_files([raw], recipe_of(*rules), Path(folder), **engine)
