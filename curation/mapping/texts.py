"""The text of a post as a model reads it: what it says, without addresses and names.

With them, posts would be alike because they answer the same person or link to the same site.
"""

from __future__ import annotations

import re

_LEFT_OUT = re.compile(r"https?://\S+|www\.\S+|(?<![\w.])[@＠]\w+(?:@[\w.-]+)?|&(?:[a-zA-Z]+|#\d+);")
#: Most characters that are read: the work for a long article would be that for a hundred posts.
MOST = 1_000


def read_as(text: str) -> str:
    """The text of a post for a model. A text of addresses and names alone stays as it is."""
    own = " ".join(_LEFT_OUT.sub(" ", text.replace("\0", " ")).split())
    return (own or " ".join(text.replace("\0", " ").split()))[:MOST]
