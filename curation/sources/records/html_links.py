"""What people see of a link in HTML: its words, its address, or both, but never an address twice.

Mastodon shortens an address on the page: the whole of it stands in the link, in pieces of which some are
hidden. Other servers cut it off with "…". A mention and a hashtag lead to pages of the server, which are no
part of what was said.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

#: Schemes of addresses that are written out: those that Mastodon lets links have.
_SCHEMES = frozenset(
    (
        "http", "https", "ftp", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini",
        "mailto", "matrix", "irc", "tel",
    )
)  # fmt: skip

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):")
_BEGIN = re.compile(r"(?:https?://(?:www\.)?|mailto:|xmpp:|tel:)", re.IGNORECASE)
_TAG_OR_MENTION = re.compile(r"[@#＠＃][^\s@#]\S*")


class Link:
    """A link that is open, and its words so far."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.words: list[str] = []
        self._address = attributes.get("href", "").strip()
        kinds = attributes.get("class", "").split() + attributes.get("rel", "").split()
        self._is_name = not {"mention", "hashtag", "tag"}.isdisjoint(kinds)

    def text(self) -> str:
        """The words, the address, or both; with the blanks around the words."""
        words = "".join(self.words)
        shown = words.strip()
        scheme = _SCHEME.match(self._address)
        if not shown or self._is_name or not scheme or scheme[1].lower() not in _SCHEMES:
            return words
        if _TAG_OR_MENTION.fullmatch(shown):
            return words
        bare, address = _bare(shown), _bare(self._address)
        if bare in (address, _bare(unquote(self._address))):
            return words.replace(shown, shown if scheme[1].lower() in ("mailto", "tel") else self._address, 1)
        cut = shown.rstrip(".…")
        if cut != shown and len(cut) > 3 and address.startswith(_bare(cut)):
            return words.replace(shown, self._address, 1)
        if address in shown.casefold():
            return words
        return words.replace(shown, f"{shown} ({self._address})", 1)


def _bare(address: str) -> str:
    """An address as it is compared: without what people leave out of it."""
    begin = _BEGIN.match(address)
    return (address[begin.end() :] if begin else address).casefold().rstrip("/")
