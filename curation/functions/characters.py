"""Other spellings of characters: HTML entities, and the normalization forms of Unicode."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from typing import Literal

from curation.functions.base import BatchFunction

# Only with the semicolon: `html.unescape` alone would also decode the `&copy` of `?a=1&copy=2`.
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

#: A normalization form of Unicode.
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def decode_entities(texts: list[str]) -> list[str]:
    """Each text with its named and numbered entities decoded once: `&amp;lt;` was `&lt;`, not `<`.

    >>> decode_entities(["fish &amp; chips &#8220;now&#8221;", "a&copy=b", "&amp;lt;"])
    ['fish & chips “now”', 'a&copy=b', '&lt;']
    """
    return [ENTITY.sub(_decoded, text) for text in texts]


def _decoded(entity: re.Match[str]) -> str:
    text = html.unescape(entity[0])
    # A number without a character, such as half a surrogate pair, stays as it is.
    return entity[0] if text in ("", "\ufffd") else text


DECODE_ENTITIES = BatchFunction("decode_entities", "1", "VARCHAR", decode_entities, rare=True)


def normalize(texts: list[str], *, form: Form) -> list[str]:
    """Each text in a normalization form. DuckDB has only NFC, and cuts off a text at its first NUL."""
    return [unicodedata.normalize(form, text) for text in texts]


def normalizer(form: Form) -> BatchFunction:
    """The word for a form."""
    version = f"Unicode {unicodedata.unidata_version}"
    return BatchFunction(f"normalize_{form.lower()}", version, "VARCHAR", functools.partial(normalize, form=form))
