"""MD5 of a text as a number of 64 bits.

The same numbers as DuckDB's `md5_number_lower` and `md5_number_upper`, which take almost five times as long: each
writes the digest as a hexadecimal text first and reads the number from it.
"""

from __future__ import annotations

_LOWER = 2**64 - 1


def lower_digest(text: str) -> str:
    """SQL: the number (UBIGINT) of `text`, an expression, that `md5_number_lower` gives."""
    return f"(md5_number({text}) >> 64)::UBIGINT"


def upper_digest(text: str) -> str:
    """SQL: the number (UBIGINT) of `text`, an expression, that `md5_number_upper` gives."""
    return f"(md5_number({text}) & {_LOWER}::UHUGEINT)::UBIGINT"
