"""Which platform the address of a post is of, for tables and plain JSON that name no platform.

Only what can be nothing but the address of one post counts: a profile or a home page may be in any post.

>>> platform_of_address("https://bsky.app/profile/ada.example/post/3k"), platform_of_address("https://example.org/a")
('bluesky', None)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("x", r"(?:twitter|x)\.com/(?:\w{1,20}|i/web)/status(?:es)?/\d"),
    ("bluesky", r"bsky\.app/profile/[\w.:-]+/post/\w"),
    ("instagram", r"instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/[\w-]"),
    ("threads", r"threads\.(?:net|com)/@[\w.]+/post/[\w-]"),
    ("tiktok", r"tiktok\.com/@[\w.]+/(?:video|photo)/\d"),
    (
        "facebook",
        r"facebook\.com/(?:[\w.-]+/(?:posts|videos)/|groups/[\w.-]+/(?:posts|permalink)/|permalink\.php\?|reel/)",
    ),
    ("reddit", r"reddit\.com/r/\w+/comments/\w"),
    ("truthsocial", r"truthsocial\.com/@\w+/(?:posts/)?\d"),
    ("telegram", r"t\.me/(?:s/)?\w{4,40}/\d"),
    ("vk", r"vk\.(?:com|ru)/(?:[\w.]+\?w=)?wall-?\d+_\d"),
    ("linkedin", r"linkedin\.com/(?:feed/update/|posts/)"),
    ("weibo", r"weibo\.(?:com|cn)/(?:\d{5,12}|status|detail)/\w"),
    ("gab", r"gab\.com/\w+/posts/\d"),
)
_ADDRESS = re.compile(
    r"https?://(?:www\.|m\.|mobile\.|old\.|new\.|[a-z]{2}\.)?(?:"
    + "|".join(f"(?P<{platform}>{pattern})" for platform, pattern in _PATTERNS)
    + ")",
    re.ASCII | re.IGNORECASE,
)
_RECORD = re.compile(r"at://[^/\s]+/app\.bsky\.feed\.(?:post|repost)/", re.ASCII)


def platform_of_address(value: Any) -> str | None:
    """The platform whose post an address, or an id that is one, names; None for any other."""
    if not isinstance(value, str):
        return None
    if _RECORD.match(value):
        return "bluesky"
    match = _ADDRESS.match(value)
    return match.lastgroup if match else None


def platform_of_addresses(values: Iterable[Any]) -> str | None:
    """The platform of at least nine tenths of these addresses; empty ones don't count."""
    platforms = Counter(platform_of_address(value) for value in values if value not in (None, ""))
    if not platforms:
        return None
    platform, times = platforms.most_common(1)[0]
    return platform if times >= 0.9 * sum(platforms.values()) else None
