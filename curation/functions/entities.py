"""HTML entities, decoded once: `&amp;lt;` is somebody's `&lt;`, not a `<`."""

from __future__ import annotations

import html
import re

from curation.functions.base import BatchFunction

# With its semicolon only: `html.unescape` alone would also read the `&copy` of `?a=1&copy=2`.
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def decode_entities(texts: list[str]) -> list[str]:
    """Each text with its named and numbered entities decoded, in one pass.

    >>> decode_entities(["fish &amp; chips &#8220;now&#8221;", "a&copy=b", "&amp;lt;"])
    ['fish & chips “now”', 'a&copy=b', '&lt;']
    """
    return [ENTITY.sub(_decoded, text) for text in texts]


def _decoded(entity: re.Match[str]) -> str:
    text = html.unescape(entity[0])
    # A number of no character, such as half a surrogate pair, stays as it is.
    return entity[0] if text in ("", "\ufffd") else text


DECODE_ENTITIES = BatchFunction("decode_entities", "1", "VARCHAR", decode_entities, rare=True)
