"""Corpora invented for tests, written to disk from literal rows, without running a recipe.

>>> corpus = write_corpus(tmp_path, [                                           # doctest: +SKIP
...     {"author": "mira", "text": "three own words"},
...     {"author": "mira", "text": "RT @x: no", "removed_by": "retweet"},
... ], rules=[rule("retweet", label="Retweets")])
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.corpus.corpus import Corpus
from curation.posts import RAW_COLUMNS, UNKNOWN_AUTHOR

TIME = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)

#: The columns of the verdict; those of measuring rules follow.
VERDICT = {
    "raw_text": pa.string(),
    "matched": pa.list_(pa.string()),
    "removed_by": pa.string(),
    "rewritten_by": pa.list_(pa.string()),
    "duplicate_of": pa.string(),
}
CURATED = {column.name: column.type for column in RAW_COLUMNS if column.name != "raw"} | VERDICT


def rule(
    name: str,
    *,
    use: str | None = None,
    kind: str = "filter",
    label: str | None = None,
    measure: str | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """A rule as it stands in a manifest; `use` and `label` are the name unless given."""
    return {
        "name": name,
        "use": use or name,
        "kind": kind,
        "label": label or name,
        "parameters": parameters,
        "measure": measure,
        "columns": [measure] if measure else [],
    }


def write_corpus(
    workspace: Path,
    rows: Iterable[dict[str, Any]],
    *,
    recipe: str = "invented",
    rules: Sequence[dict[str, Any]] | None = None,
    parts: int = 1,
) -> Corpus:
    """Write `workspace`/curated/`recipe` and open it.

    A row says what matters to the test; the rest is filled in: `platform` x, `id` the row's number from 1,
    `author` and `text` something, `created_at` `TIME`, `raw_text` the text, `matched` just `removed_by`. A
    key that is no column of a corpus becomes a measure's column. Without `rules` there is a filter for each
    `removed_by`. The rows are dealt out over `parts` files.
    """
    posts = [_filled(number, row) for number, row in enumerate(rows, 1)]
    if rules is None:
        rules = [rule(name) for name in dict.fromkeys(post["removed_by"] for post in posts) if name]
    measures = {r["measure"]: None for r in rules if r["measure"]} | {k: None for p in posts for k in p}
    columns = CURATED | {name: None for name in measures if name not in CURATED}
    folder = workspace / "curated" / recipe
    folder.mkdir(parents=True)
    files = [f"part-{part:05}.parquet" for part in range(parts)]
    for part, file in enumerate(files):
        pq.write_table(_table(posts, slice(part, None, parts), columns), folder / file)
    kept = sum(post["removed_by"] is None for post in posts)
    manifest = {
        "schema": 1,
        "recipe": {"name": recipe, "description": "", "fingerprint": "0" * 16, "rules": list(rules)},
        "files": files,
        "counts": {"downloaded": len(posts), "kept": kept},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Corpus.open(workspace, recipe)


def _filled(number: int, row: dict[str, Any]) -> dict[str, Any]:
    post = {
        "platform": "x",
        "id": str(number),
        "author": UNKNOWN_AUTHOR,
        "created_at": TIME,
        "text": f"invented post number {number}",
        "text_format": "plain",
        "source": "file",
        "landing": 1,
        "landed_at": TIME,
        "removed_by": None,
        "rewritten_by": [],
        **row,
    }
    post.setdefault("raw_text", post["text"])
    post.setdefault("matched", [post["removed_by"]] if post["removed_by"] else [])
    return post


def _table(posts: list[dict[str, Any]], part: slice, columns: dict[str, pa.DataType | None]) -> pa.Table:
    arrays = {}
    for name, type_ in columns.items():
        values = [post.get(name) for post in posts]
        column = pa.array(values, type=type_)
        if pa.types.is_null(column.type):
            column = column.cast(pa.string())
        arrays[name] = pa.array(values[part], type=column.type)
    return pa.table(arrays)
