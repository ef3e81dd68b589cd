"""What the tests of dialects share: posts written to a file, and what lands of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from curation.sources.file import FileSource


def written(path: Path, *records: Any) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def collected(path: Path, **options: Any) -> tuple[list[dict[str, Any]], list[str], tuple[str, ...]]:
    """The rows of a file without what is NULL, why records were rejected, and the notices."""
    source = FileSource([path], **options)
    rows, rejected = [], []
    for page in source.pages():
        rows += [{k: v for k, v in row.items() if v is not None} for row in page.posts.to_pylist()]
        rejected += [record.why for record in page.rejected]
    return rows, rejected, source.notices()


def rows_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    """The rows of a file in which nothing is wrong."""
    rows, rejected, _ = collected(path, **options)
    assert rejected == []
    return rows


def only(rows: list[dict[str, Any]], *columns: str) -> list[tuple]:
    """Some columns of rows, each row a tuple."""
    return [tuple(row.get(column) for column in columns) for row in rows]
