"""Which of several posts that are the same stays."""

from __future__ import annotations

#: SQL: microseconds by which candidates are put in order; those without a date come last.
MOMENT = "coalesce(epoch_us(created_at), 9223372036854775807)"
