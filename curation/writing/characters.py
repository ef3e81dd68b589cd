r"""Strings that hold half a surrogate pair: how to detect, replace, show and save them.

Python gets such strings from two places. JSON may escape half a pair (`"\ud83d"`), which is not a character; texts get
U+FFFD instead. And a file name or a word of a command line has a half for each byte that is not UTF-8 (PEP 383). Names
of files keep them, because otherwise the file could not be opened.

>>> whole("half \ud83d"), whole("both \ud83d\ude00"), shown("caf\udce9.csv"), json_text({"name": "caf\udce9"})
('half \ufffd', 'both 😀', 'caf\\xe9.csv', '{"name": "caf\\udce9"}')
"""

from __future__ import annotations

import json
import re
from typing import Any

#: The 128 halves that stand for bytes that are not UTF-8.
_BYTES = re.compile("[\udc80-\udcff]")

#: Characters without width: soft hyphen, joiners, zero-width blanks, marks of direction and of byte order.
INVISIBLE_CODES = frozenset(
    {0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)}
)
#: The same, to stand in the brackets of a regular expression.
INVISIBLE = "".join(map(chr, sorted(INVISIBLE_CODES)))
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")


def is_whole(text: str) -> bool:
    """Whether the text has no halves, and can be written as UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(text: str) -> str:
    """The text with U+FFFD for each half; two halves that belong together become their character."""
    if is_whole(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clipped(text: str, most: int) -> str:
    """The text, or its first `most` code points with `…` after them."""
    return text if len(text) <= most else f"{text[:most]}…"


def shown(text: str) -> str:
    r"""The text for a person: bytes that are not UTF-8 as `\xe9`, other halves as `\ud83d`."""
    if is_whole(text):
        return text
    as_bytes = _BYTES.sub(lambda half: f"\\x{ord(half[0]) - 0xDC00:02x}", text)
    return as_bytes.encode("utf-8", "backslashreplace").decode()


def json_text(value: Any, **how: Any) -> str:
    """JSON in every script, with halves as escapes: valid UTF-8 that reads back as the same. Raises `TypeError`."""
    return json.dumps(value, ensure_ascii=False, **how).encode("utf-8", "backslashreplace").decode()


def without_invisible(text: str) -> str:
    r"""The text without characters that have no width. They tell two words apart that look the same.

    >>> without_invisible("\ufeff17\u200b6")
    '176'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)
