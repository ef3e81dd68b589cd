"""A random order that follows from a seed: the same rows come first on every machine and in every version of DuckDB.

DuckDB's own `hash` may change between versions, so every draw hashes a text with MD5: its purpose, the seed, and the
keys of the row. Draws for two purposes are independent, and a row keeps its place whatever other rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from curation.sql import literal
from curation.sql.digests import upper_digest

#: SQL: what identifies a post.
POST = ("platform", "id")

#: Purposes whose text has another form, from before. They keep it, so a seed still draws the same posts.
_FORMS: dict[str, Callable[[str, Sequence[str]], str]] = {
    "copies": lambda seed, keys: " || ".join((literal(f"split\0{seed}\0"), *keys)),
    "sample": lambda seed, keys: " || ':' || ".join(keys) + f" || {literal(seed)}",
    "comparison": lambda seed, keys: " || chr(0) || ".join((*keys, literal(seed))),
}


def seeded(seed: int, purpose: str, keys: Sequence[str] = POST) -> str:
    """SQL: the text that a draw hashes. `keys` are expressions that together identify a row."""
    if form := _FORMS.get(purpose):
        return form(str(seed), keys)
    return f"concat_ws('/', {', '.join((literal(purpose), literal(str(seed)), *keys))})"


def drawn(seed: int, purpose: str, keys: Sequence[str] = POST) -> str:
    """SQL: a hexadecimal text; rows sorted by it are in random order."""
    return f"md5({seeded(seed, purpose, keys)})"


def drawn_number(seed: int, purpose: str, keys: Sequence[str] = POST) -> str:
    """SQL: a random number of 64 bits (UBIGINT), to sort by or to compare with a share of 2⁶⁴."""
    return upper_digest(seeded(seed, purpose, keys))


def is_below(share: float, number: str) -> str:
    """SQL: whether a `drawn_number` is below a share of 2⁶⁴."""
    return f"{number} < {literal(share)} * 18446744073709551616.0"
