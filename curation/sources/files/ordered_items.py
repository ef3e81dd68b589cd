"""Where the list of posts begins in the one object of an outbox, found in a stream.

Archives of early 2024 name the list twice, first an empty one. As for any reader of JSON the last of two equal keys
counts, so that an empty list is passed over. What stands before the list may have any size: nothing of it is kept.
"""

from __future__ import annotations

import re

KEY = b"orderedItems"

_NEXT = re.compile(rb'["\[\]{}]')
_IN_TEXT = re.compile(rb'["\\]')
_BLANKS = b" \t\r\n"


class ListFinder:
    """Looks through the pieces of a file for the list under the key; give the pieces in their order."""

    def __init__(self) -> None:
        #: An empty list of that name was passed over.
        self.empty = False
        self._depth = 0
        self._in_text = self._escaped = False
        self._text = bytearray()  # the text that began last, as far as it can be the key
        self._key_at_hand = False  # the key, and nothing but what stands between it and its value
        self._opened = False  # the bracket of the list was the last thing but blanks

    def look(self, piece: bytes) -> int | None:
        """Where in this piece the first element of the list begins; None when it is not in it."""
        at = 0
        while at < len(piece):
            if self._in_text:
                at = self._through_text(piece, at)
                continue
            if self._opened:
                rest = piece[at:].lstrip(_BLANKS)
                if not rest:
                    return None
                self._opened = False
                if not rest.startswith(b"]"):
                    return at
                self.empty = True
            match = _NEXT.search(piece, at)
            between = piece[at : match.start() if match else len(piece)]
            if self._key_at_hand and between.strip(b" \t\r\n:"):
                self._key_at_hand = False  # another kind of value
            if not match:
                return None
            at = match.end()
            self._take(match[0])
        return None

    def _through_text(self, piece: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        match = _IN_TEXT.search(piece, at)
        end = match.start() if match else len(piece)
        if len(self._text) <= len(KEY):
            self._text += piece[at : min(end, at + len(KEY) + 1)]
        if not match:
            return end
        if match[0] == b"\\":
            self._escaped = True
            self._text += b"\\"
        else:
            self._in_text = False
            self._key_at_hand = self._depth == 1 and self._text == KEY
        return match.end()

    def _take(self, sign: bytes) -> None:
        if sign == b'"':
            self._in_text, self._key_at_hand = True, False
            self._text.clear()
        elif sign in (b"[", b"{"):
            self._opened = sign == b"[" and self._depth == 1 and self._key_at_hand
            self._depth += 1
            self._key_at_hand = False
        else:
            self._depth -= 1


def begins_an_object(head: bytes) -> bool:
    """Whether a file begins with an object of JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
