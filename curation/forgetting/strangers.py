"""Handles in a request to forget that nobody here has: most are typing errors, and a ban on them would go unnoticed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from curation.disk.landings import landed_files
from curation.disk.reading import reading, while_they_stand
from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError, did_you_mean
from curation.forgetting.forget import ForgetRequest, forget
from curation.sql import database, literal


def require_known_authors(space: Workspace, request: ForgetRequest) -> None:
    """Raise `NothingToDoError` for a handle of which there is no trace: no post, no repost, no earlier tombstone.

    Where a landing can't be read, no handle is refused: the posts in it may be theirs, and `forget` names it.
    """
    handles = [name.strip().removeprefix("@") for name in request.authors]
    try:
        authors = _authors(space) if handles else []
    except WorkspaceError:
        return
    known = {author.lower() for author in authors}
    for handle in handles:
        if handle.lower() in known:
            continue
        alone = ForgetRequest(authors=(handle,), platform=request.platform)
        tombstones = Tombstones.read(space)
        if alone.marks(tombstones) <= tombstones.marks:
            continue
        preview = forget(space, alone, dry_run=True)
        if preview.posts or any(preview.changes.values()):
            continue
        hint = did_you_mean(handle, authors)
        raise NothingToDoError(
            f"There is no post by '{handle}' in {space.root}, and nothing was forgotten.{hint} "
            "To keep later posts of this handle from landing all the same, add --yes."
        )


def _authors(space: Workspace) -> list[str]:
    """The handles of what has landed."""

    def find(landings: list[Path]) -> list[str]:
        files = landed_files(landings)
        if not files:
            return []
        with reading(files), contextlib.closing(database.reader()) as connection:
            statement = f"SELECT DISTINCT author FROM read_parquet({literal(map(str, files))}) WHERE author IS NOT NULL"
            return [author for (author,) in connection.execute(statement).fetchall()]

    return while_they_stand(space, find)
