"""The posts of a workspace with given ids: whoever pins a post names it by its id alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError

#: SQL: whether a post has one of the ids in the parameter.
CALLED = "id IN (SELECT unnest(?::VARCHAR[]))"


def posts_called(space: Workspace, ids: Sequence[str], platform: str | None = None) -> list[tuple[str, str]]:
    """Platform and id of the posts with these ids, in their order: from the corpora, else from the landed posts.

    Raises `NothingToDoError` for an id that no post has, `UsageError` for one that posts of two platforms have.
    """
    from curation.corpus.corpus import Corpus

    platforms: dict[str, set[str]] = {each: set() for each in ids}

    def take(rows: Iterable[tuple[str, str]]) -> None:
        for where, post_id in rows:
            if platform in (None, where):
                platforms[post_id].add(where)

    for name in space.recipes_run():
        take(Corpus.open(space, name).rows(f"SELECT DISTINCT platform, id FROM posts WHERE {CALLED}", [list(ids)]))
    if missing := [each for each in ids if not platforms[each]]:
        take(_landed(space, missing))
    for post_id, places in platforms.items():
        on = f" of {platform}" if platform else ""
        if not places:
            raise NothingToDoError(
                f"There is no post '{post_id}'{on} in {space.root}, neither in a corpus nor among what has landed. "
                "Ids are those of the platform; they stand in every jsonl export."
            )
        if len(places) > 1:
            raise UsageError(
                f"There are posts '{post_id}' of {' and of '.join(sorted(places))}. Say which one is meant: "
                f"--platform {min(places)}"
            )
    return [(next(iter(platforms[post_id])), post_id) for post_id in ids]


def _landed(space: Workspace, ids: Sequence[str]) -> list[tuple[str, str]]:
    from curation.disk.landings import landed_files
    from curation.disk.reading import reading, while_they_stand
    from curation.sql import database, literal

    def find(landings: list[Path]) -> list[tuple[str, str]]:
        files = landed_files(landings)
        if not files:
            return []
        with reading(files), contextlib.closing(database.reader()) as connection:
            statement = f"SELECT DISTINCT platform, id FROM read_parquet({literal(map(str, files))})"
            return connection.execute(f"{statement} WHERE {CALLED}", [list(ids)]).fetchall()

    return while_they_stand(space, find)
