"""What people see of a link in HTML: its words, its address, or both, but never an address twice.

Mastodon shows a shortened address: the link contains the whole address in pieces, some of them hidden. Other servers
cut it off with "…". Mentions and hashtags lead to pages of the server, which are not part of the text.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

#: Schemes of addresses that the text includes: those that Mastodon allows in links.
_SCHEMES = frozenset((
    "http", "https", "ftp", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini", "mailto",
    "matrix", "irc", "tel",
))  # fmt: skip

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_BEGIN = re.compile(r"(?:https?://(?:www\.)?|www\.|mailto:|xmpp:|tel:)", re.IGNORECASE)
#: Where an address is cut off, or lacks a part.
_CUT = re.compile(r"\.{2,}|…")
_TAG_OR_MENTION = re.compile(r"[@#＠＃][^\s@#]\S*")


class Link:
    """An open link, and its words so far."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.words: list[str] = []
        self._address = attributes.get("href", "").strip()
        kinds = attributes.get("class", "").split() + attributes.get("rel", "").split()
        self._is_name = not {"mention", "hashtag", "tag"}.isdisjoint(kinds)

    def text(self) -> str:
        """The words, the address, or both, with the blanks around the words."""
        words = "".join(self.words)
        shown = words.strip()
        scheme = _SCHEME.match(self._address)
        if not shown or self._is_name or not scheme or scheme[1].lower() not in _SCHEMES:
            return words
        if _TAG_OR_MENTION.fullmatch(shown):
            return words
        if shows_address(shown, self._address):
            by_name = scheme[1].lower() in ("mailto", "tel")
            return words if by_name and _is_whole(shown, self._address) else words.replace(shown, self._address, 1)
        if _bare(self._address) in shown.casefold():
            return words
        return words.replace(shown, f"{shown} ({self._address})", 1)


def shows_address(shown: str, address: str) -> bool:
    """Whether the words of a link are its address, or a short form of it with "…".

    >>> shows_address("example.org/some/lo...", "https://www.example.org/some/long/way")
    True
    >>> shows_address("an essay...", "https://example.org/an-essay")
    False
    """
    if _is_whole(shown, address):
        return True
    *_, cut = (None, *_CUT.finditer(shown))
    if not cut:
        return False
    begin, rest = _bare(shown[: cut.start()]), shown[cut.end() :].casefold().rstrip("/")
    if "." not in begin or len(begin) + len(rest) > len(address):  # a short form has the whole host
        return False
    return any(whole.startswith(begin) and whole.endswith(rest) for whole in (_bare(address), _bare(unquote(address))))


def _is_whole(shown: str, address: str) -> bool:
    return _bare(shown) in (_bare(address), _bare(unquote(address)))


def _bare(address: str) -> str:
    """An address for comparisons: without the parts that people leave out."""
    begin = _BEGIN.match(address)
    return (address[begin.end() :] if begin else address).casefold().rstrip("/")
