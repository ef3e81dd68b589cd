"""The order of preference: which of several equal posts stays, and what decides ties."""

from __future__ import annotations

#: SQL: the time of a post in microseconds, for sorting; posts without a date come last.
MOMENT = "coalesce(epoch_us(created_at), 9223372036854775807)"
#: SQL: the earliest post first, then the smallest id. A shorter number is smaller.
EARLIEST = f"{MOMENT}, length(id), id"

#: The positions of the id and the platform in `ROW(<preferred>)`, from 1.
ID, PLATFORM = 4, 5


def preferred(preference: str = "preference") -> str:
    """SQL: columns that sort the post that stays first. `preference` is a whole number; the smallest wins."""
    return f"{preference}, {EARLIEST}, platform"
