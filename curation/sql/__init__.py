"""The only place where a value becomes SQL.

Every value from a user or a file reaches a statement through `literal` or `identifier`, so a parameter such as
`'; DROP TABLE posts; --` stays a text. There is only one dialect, DuckDB's.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable

from curation.errors import UsageError
from curation.writing.characters import is_whole, shown

#: The blanks that Python's `str.split()` splits on, for a class of RE2, because RE2's own `\s` knows only ASCII.
ODD_BLANKS = r"\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
BLANKS = ODD_BLANKS + " "


def literal(value: object) -> str:
    """A Python value as a DuckDB literal: text, number, truth, date, None, or a list of these.

    Raises `TypeError` for anything else, `UsageError` for a text that is not UTF-8.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value!r}::DOUBLE" if math.isfinite(value) else f"'{value}'::DOUBLE"
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    if isinstance(value, datetime.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Iterable):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} can't become SQL")


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    if not is_whole(value):
        raise UsageError(f"'{shown(value)}' holds bytes that are not UTF-8, and the database takes none.")
    # A statement can't hold a NUL, so the SQL joins the parts of such a text.
    parts = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def replace_all(text: str, pattern: str, replacement: str) -> str:
    """`regexp_replace` of every match; `text` is an expression, the other two are values."""
    return f"regexp_replace({text}, {literal(pattern)}, {literal(replacement)}, 'g')"


def matches(text: str, pattern: str) -> str:
    """SQL: whether `pattern` matches anywhere in the expression `text`."""
    return f"regexp_matches({text}, {literal(pattern)})"


def contains(text: str, *parts: str) -> str:
    """SQL: whether the expression `text` contains any of the `parts`: a cheap test before a regular expression."""
    return "(" + " OR ".join(f"contains({text}, {literal(part)})" for part in parts) + ")"


def in_turn(cheap: str, *costly: str) -> str:
    """SQL: whether all conditions are true, each looked at only where those before it are.

    DuckDB evaluates every part of an `AND` for every row, except in the condition of a `CASE`.
    """
    return f"CASE WHEN {cheap} THEN {in_turn(*costly)} ELSE false END" if costly else cheap


def not_ascii(text: str) -> str:
    """SQL: whether the expression `text` has more bytes than characters; very cheap."""
    return f"(strlen({text}) <> length({text}))"


def digest(text: str) -> str:
    """SQL: 16 bytes that differ where texts differ, however long they are."""
    return f"unhex(left(sha256({text}), 32))"


def fold_blanks(text: str) -> str:
    """SQL: what Python's `" ".join(text.split())` gives for the expression `text`."""
    return f"trim({replace_all(text, f'[{BLANKS}]+', ' ')})"


def has_odd_blanks(text: str) -> str:
    """SQL: a cheap test that is false where `fold_blanks` changes nothing."""
    return matches(text, f"^ | $|  |[{ODD_BLANKS}]")


def any_of(conditions: Iterable[str]) -> str:
    """SQL: the conditions joined by OR; `false` when there are none."""
    return " OR ".join(f"({condition})" for condition in conditions) or "false"
