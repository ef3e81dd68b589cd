"""What no file system takes as a name, before it is asked: a clause for a person."""

from __future__ import annotations

import os
from pathlib import Path

#: Bytes that one name, and a whole path, may have on the systems that there are.
NAME_BYTES, PATH_BYTES = 255, 4095


def impossible_name(path: Path | str) -> str | None:
    """Why nothing can have this path; None where something may."""
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:  # a half that stands for no byte
        return "it holds half of a surrogate pair, which is no character"
    except ValueError:
        return "no name holds a NUL"
    if b"\0" in encoded:
        return "no name holds a NUL"
    longest = max(map(len, encoded.split(b"/")), default=0)
    if longest > NAME_BYTES:
        return f"a name has at most {NAME_BYTES} bytes, and this one has {longest:,}"
    if len(encoded) > PATH_BYTES:
        return f"a path has at most {PATH_BYTES:,} bytes, and this one has {len(encoded):,}"
    return None
