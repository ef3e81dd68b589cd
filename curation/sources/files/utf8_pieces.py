"""Whether a piece of a file is UTF-8; a piece is what stands between line ends, tabs and quotation marks."""

from __future__ import annotations

import re

SEPARATORS = re.compile(rb'[\n\r"\t]')

#: A character of several bytes.
SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"  # half surrogates are among them
)


def is_utf8(piece: bytes) -> bool:
    """Whether all of it is UTF-8; half a surrogate pair is let pass."""
    try:
        piece.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def is_plainly_utf8(piece: bytes) -> bool:
    """Whether UTF-8 in it can hardly be chance, as two bytes of another encoding may be."""
    sequences = SEQUENCE.findall(piece)
    return len(sequences) >= 4 or any(len(sequence) > 2 for sequence in sequences)
