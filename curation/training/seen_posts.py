"""The posts that a model saw, from `.posts.parquet` in its folder, compared with forgotten posts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.errors import RefusedError
from curation.sql import literal
from curation.training.folders import POSTS, posts_schema
from curation.writing.terminal import count


@dataclass(frozen=True)
class SeenPosts:
    """Forgotten posts among those that a model saw."""

    rows: frozenset[int]  # of the file
    posts: int  # different ones
    authors: frozenset[str]  # of whom a post is left; in lower case

    @classmethod
    def of(cls, folder: Path, tombstones: Tombstones) -> SeenPosts:
        """The forgotten posts that the model or training in `folder` saw.

        Raises `OSError`, `duckdb.Error`, `pa.ArrowException`.
        """
        path = folder / POSTS
        if not pq.read_schema(path).equals(posts_schema()):
            raise pa.ArrowInvalid("it has other columns than a list of posts")
        with tombstones.connected() as connection:
            connection.execute(
                "CREATE TEMP TABLE seen AS SELECT file_row_number AS row, platform, id, author, "
                f"{tombstones.forgotten()} AS gone FROM read_parquet({literal(str(path))}, file_row_number=true)"
            )
            rows = connection.sql("SELECT row FROM seen WHERE gone").fetchall()
            [(posts,)] = connection.sql("SELECT count(DISTINCT (platform, id)) FROM seen WHERE gone").fetchall()
            left = connection.sql("SELECT DISTINCT lower(author) FROM seen WHERE NOT gone").fetchall()
        return cls(frozenset(row for (row,) in rows), posts, frozenset(author for (author,) in left if author))


def require_remembered(space: Workspace, folder: Path) -> None:
    """Raise `RefusedError` if a post in the `.posts.parquet` of a folder was forgotten.

    A training calls it when it writes the file, before it resumes from a checkpoint, and, with the lock `models`,
    before its model takes its place. A process that forgets posts then sees either the training or the model.
    """
    try:
        posts = SeenPosts.of(folder, Tombstones.read(space)).posts
    except FileNotFoundError as error:
        raise RefusedError(
            f"{folder / POSTS} is gone, most likely since posts that the training saw were forgotten. Export again, "
            "and train on that."
        ) from error
    if posts:
        raise RefusedError(
            f"{count(posts, 'post')} of this training {'was' if posts == 1 else 'were'} forgotten "
            "meanwhile (curation forget), so it stops here. Export again, and train on that."
        )
