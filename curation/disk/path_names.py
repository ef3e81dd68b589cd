"""Names that no file system takes."""

from __future__ import annotations

import os
from pathlib import Path

#: Most bytes of one name, and of a whole path, on today's systems.
NAME_BYTES, PATH_BYTES = 255, 4095


def impossible_name(path: Path | str) -> str | None:
    """Why no file can have this path, as a clause for a person; None where one can."""
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:  # a half that stands for no byte
        return "it holds half of a surrogate pair, which is no character"
    if b"\0" in encoded:
        return "no name holds a NUL"
    longest = max(map(len, encoded.split(b"/")), default=0)
    if longest > NAME_BYTES:
        return f"a name has at most {NAME_BYTES} bytes, and this one has {longest:,}"
    if len(encoded) > PATH_BYTES:
        return f"a path has at most {PATH_BYTES:,} bytes, and this one has {len(encoded):,}"
    return None
