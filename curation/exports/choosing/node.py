"""Posts as numbers."""

from __future__ import annotations

from curation.sql.digests import upper_digest

#: SQL: the number of a post, the same on every machine.
NODE = upper_digest("concat_ws('/', platform, id)")


def linked(id: str) -> str:
    """SQL: a number for the post with this id; several times as fast as `NODE`, and good for one query only."""
    return f"hash(platform::VARCHAR, {id})"


#: SQL: this number of a post.
LINKED = linked("id")
