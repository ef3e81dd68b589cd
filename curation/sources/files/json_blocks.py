"""Many elements of a JSON list at once, from a window of bytes, for a list without a fault.

`orjson` decodes a thousand elements together in half the time that they take one by one, and needs no text of them
first. A block begins where an element does, and ends before a comma that looks like the one between two elements. If
what stands between is a list of values once it has brackets, the guess was right; otherwise its elements are read one
by one, as those of a damaged file are.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from curation.sources.files.text_encoding import encoding_of

#: Bytes of a window: some hundred posts, which fit into a processor's cache.
WINDOW = 1 << 19
#: Bytes before a first key that hold the brace and the comma before it.
_SPAN = 512
#: Bytes before the end that are searched first for the last post's first key; ten posts.
_NEAR = 1 << 14
#: Places that are looked at for the end of a block.
_TRIES = 64

#: The words of an archive before a list: `window.YTD.tweets.part0 =`.
_STATEMENT = re.compile(rb"(?:\xef\xbb\xbf)?[\w\s.$]{0,200}=\s{0,200}\[")
_SEPARATORS = re.compile(rb"[ \t\r\n,]*")
_FIRST_KEY = re.compile(rb'\{\s{0,200}"(\w{1,64})"')
_BLANKS = b" \t\r\n"
#: A float of more than 64 bits in compact JSON, by RE2.
_LARGE_FLOAT = r"[:,\[]-?[0-9](?:\.[0-9]+)?e\+?[0-9]+[,}\]]"


@dataclass(frozen=True, slots=True)
class Block:
    """Several elements of the list, all of them sound."""

    number: int  # of the first
    values: list[Any]
    raw: pa.Array[Any]  # each as `compact_json` writes it
    end: int  # of the block in its window, in bytes


#: Takes a block, or gives False: then its elements come one by one.
TakeBlock = Callable[[Block], bool]


def begin_of_list(data: bytes) -> int:
    """Where the elements of the list begin, after plain words; 0 for other words, or another encoding than UTF-8."""
    match = _STATEMENT.match(data)
    return match.end() if match and encoding_of(data)[0] == "utf-8" else 0


def first_block(data: bytes, number: int, keys: Collection[str], *, all_read: bool) -> Block | None:
    """The elements that `data` begins with, up to the last that ends there; None if they can't be read together.

    `keys` are those that elements may begin with.
    """
    separators = _SEPARATORS.match(data)
    begin = separators.end() if separators else 0
    end = _end(data, begin, keys, all_read=all_read) if data.startswith(b"{", begin) else 0
    if end <= begin:
        return None
    try:
        values = orjson.loads(b"".join((b"[", memoryview(data)[begin:end], b"]")))
        raw = pa.array([*map(orjson.dumps, values)], pa.binary())
    except (ValueError, TypeError):  # the exceptions of orjson: no JSON, or another spelling; nested too deeply
        return None
    # Beyond 64 bits `orjson` makes a float of a whole number.
    texts = raw.view(pa.string())
    if _may_have_exponents(raw) and pc.any(pc.match_substring_regex(texts, _LARGE_FLOAT)).as_py():
        return None
    return Block(number, values, texts, end)


def _may_have_exponents(raw: pa.Array[Any]) -> bool:
    """Whether `0e+` stands in one of the texts; numpy finds the plus signs ten times as fast as `bytes` the pair."""
    written = raw.buffers()[2]
    if not written:
        return False
    characters = np.frombuffer(memoryview(written), np.uint8)
    pluses = np.flatnonzero(characters == ord("+"))
    after_e = pluses[characters[pluses - 1] == ord("e")]  # a text begins with a brace, so the first is no plus
    return bool((characters[after_e - 2] - ord("0") < 10).any())


def _end(data: bytes, begin: int, keys: Collection[str], *, all_read: bool) -> int:
    """Where the last element ends that seems to end in the window; 0 if none does."""
    if all_read and (whole := data[-_SPAN:].rstrip(_BLANKS + b";)")).endswith(b"]"):
        return max(0, len(data) - min(len(data), _SPAN)) + len(whole) - 1
    first = _FIRST_KEY.match(data, begin)
    names = {b'"%b"' % key.encode() for key in keys} | ({b'"%b"' % first[1]} if first else set())
    end = len(data)
    for _ in range(_TRIES):
        at = _last(data, names, begin, end)
        if at < 0:
            break
        before = data[max(begin, at - _SPAN) : at].rstrip(_BLANKS)
        if before.endswith(b"{") and before[:-1].rstrip(_BLANKS).endswith(b","):
            return data.rindex(b",", begin, at)
        end = at
    return 0


def _last(data: bytes, names: Collection[bytes], begin: int, end: int) -> int:
    """Where the last of the names stands, -1 for nowhere. Most stand near the end, so that is searched first."""
    span = _NEAR
    while True:
        near = max(begin, end - span)
        at = max(data.rfind(name, near, end) for name in names)
        if at >= 0 or near == begin:
            return at
        span *= 4


class Uncollected:
    """A context without garbage collection: values of JSON have no cycles, and the search takes as long as they do."""

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_enabled:
            gc.enable()
