"""Which of several posts that are the same stays: the order of preference, and what decides ties."""

from __future__ import annotations

#: SQL: microseconds by which posts are put in order; those without a date come last.
MOMENT = "coalesce(epoch_us(created_at), 9223372036854775807)"
#: SQL: the earliest post first; then the smallest id, a shorter number being smaller.
EARLIEST = f"{MOMENT}, length(id), id"

#: Where the id and the platform stand in `ROW(<preferred>)`, from 1.
ID, PLATFORM = 4, 5


def preferred(preference: str = "preference") -> str:
    """SQL: the columns by which the post that stays comes first; `preference` is a whole number, the smallest wins."""
    return f"{preference}, {EARLIEST}, platform"
