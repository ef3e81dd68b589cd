"""Unpacking what zstd packed, as a stream, with the long window that dumps of whole sites are packed with.

`zstandard`'s own reader ends silently where a file is cut off. Here the bytes are given to it frame by frame, so that
a missing end is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The largest window that `zstd --long=31` packs with, in bytes.
WINDOW = 1 << 31
#: Packed bytes that are unpacked at once. The densest block makes 128 KiB of four bytes, so this bounds the memory.
_PIECE = 4096


def unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """The unpacked bytes. Raises `EOFError` where the file is cut off, `OSError` where it is damaged."""
    rest, begun = b"", False
    unpack = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj
    frame = unpack()
    try:
        while piece := rest or stream.read(_PIECE):
            rest, begun = b"", True
            text = frame.decompress(piece)
            if text:
                yield text
            if frame.eof:
                rest, frame, begun = frame.unused_data, unpack(), False
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from error
    if begun:
        raise EOFError
