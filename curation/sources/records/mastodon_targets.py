"""The account or hashtag of Mastodon that a person names, in any of the usual ways."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from curation.errors import UsageError

_USER = r"[\w][\w.-]*"
_HOST = r"[^\W_](?:[\w.-]*[^\W_])?(?::\d{1,5})?"
_HANDLE = re.compile(rf"@?({_USER})@({_HOST})")
_PROFILE = re.compile(rf"/(?:web/|deck/)?(?:@|users/)({_USER})(?:@({_HOST}))?(?:/.*)?")
_TAG = re.compile(rf"#([\w·]+)@({_HOST})")
_TAG_PAGE = re.compile(r"/(?:web/|deck/)?tags/([\w·]+)/?")


@dataclass(frozen=True)
class MastodonAccount:
    """An account, and the server to ask for it."""

    user: str
    home: str
    server: str

    @property
    def acct(self) -> str:
        """What the server calls it."""
        return self.user if self.home == self.server else f"{self.user}@{self.home}"

    def __str__(self) -> str:
        handle = f"{self.user}@{self.home}"
        return handle if self.home == self.server else f"https://{self.server}/@{handle}"


@dataclass(frozen=True)
class MastodonTag:
    """A hashtag, and the server whose posts with it are listed."""

    name: str
    server: str

    def __str__(self) -> str:
        return f"#{self.name}@{self.server}"


def mastodon_target(target: str) -> MastodonAccount | MastodonTag:
    """The account or the hashtag that a target names, in lower case. Raises `UsageError`.

    >>> str(mastodon_target("@Ada@Example.social")), str(mastodon_target("https://example.social/@bob@other.example"))
    ('ada@example.social', 'https://example.social/@bob@other.example')
    >>> str(mastodon_target("https://example.social/tags/Harbour"))
    '#harbour@example.social'
    """
    named = "".join(letter for letter in target if unicodedata.category(letter) != "Cf").strip().lower()
    if match := _HANDLE.fullmatch(named.removeprefix("acct:")):
        return MastodonAccount(match[1], match[2], match[2])
    if match := _TAG.fullmatch(named):
        return MastodonTag(match[1], match[2])
    if named.startswith(("https://", "http://")):
        try:
            address = urlsplit(named)
            port = address.port
        except ValueError:
            port = 0
        there = port != 0 and re.fullmatch(_HOST, address.netloc)
        if there and (match := _TAG_PAGE.fullmatch(unquote(address.path))):
            return MastodonTag(match[1], address.netloc)
        if there and (match := _PROFILE.fullmatch(unquote(address.path))):
            return MastodonAccount(match[1], match[2] or address.netloc, address.netloc)
    raise UsageError(
        f"'{target}' is no account of Mastodon. Write a handle with its server, such as ada@example.social, a hashtag "
        "with a server, such as '#harbour@example.social', or the address of a profile, such as "
        "https://example.social/@ada"
    )
