"""Ids that can't be right: longer than any platform's, or at odds with the time of their own post.

Since 4 November 2010 an id of X holds the millisecond in which it was made. So an id contradicts its post where a digit
changed on the way, or where the time is not UTC. Nothing is changed here, only reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: Digits of the longest id that a platform gives.
LONGEST = 20
#: The smallest id of X that holds a time, and the millisecond from which it counts.
FIRST_ID, FIRST_MILLISECOND = 29_700_859_247, 1_288_834_974_657
#: Share of the posts with a difference that have one and the same, above which their times are local.
ALIKE = 0.9

_HOUR = 3600.0


def are_of_x(pairs: Iterable[tuple[str | None, datetime | None]]) -> bool:
    """Whether posts with these ids and times were posted on X, since their ids hold the second of their times.

    Chance gives one such pair in three hundred million, so a few are proof. Nine tenths of those that can be compared
    have to fit.
    """
    compared = fitting = 0
    for post_id, time in pairs:
        if post_id is None or time is None or not (17 <= len(post_id) <= 19 and post_id.isdecimal()):
            continue
        milliseconds = (int(post_id) >> 22) + FIRST_MILLISECOND
        compared += 1
        fitting += abs(time.timestamp() * 1000 - milliseconds) < 1500
    return fitting >= 2 and fitting >= ALIKE * compared


def impossible_ids(connection: duckdb.DuckDBPyConnection, posts: str) -> Iterator[str]:
    """Sentences about ids that can't be right; `posts` is SQL for the staged posts."""
    [(long, several, example)] = connection.sql(
        f"SELECT count(*) FILTER (is_long), count(*), min(id) FILTER (is_long) FROM "
        f"(SELECT id, CASE WHEN length(id) > {LONGEST} THEN regexp_full_match(id, '[0-9]+') ELSE false END AS is_long "
        f"FROM {posts})"
    ).fetchall()
    if long:
        yield (
            f"{_share(long, several)} an id longer than any platform gives, such as {example}: "
            "digits were added on the way. They are landed as they stand."
        )
    # Half an hour is the finest step of most zones; a date without a clock may be off by more than a day.
    differences = connection.sql(
        f"""
        WITH dated AS (
            SELECT id, created_at, TRY_CAST(id AS BIGINT) AS number FROM {posts}
            WHERE platform = 'x' AND created_at IS NOT NULL AND length(id) BETWEEN 11 AND 19
        ), compared AS (
            SELECT id, (epoch_ms(created_at) - ((number >> 22) + {FIRST_MILLISECOND})) / 1000.0 AS seconds,
                   epoch_us(created_at) % 86400000000 = 0 AS is_day
            FROM dated WHERE number >= {FIRST_ID}
        )
        SELECT CASE WHEN abs(seconds - round(seconds / 1800) * 1800) < 300 THEN round(seconds / 1800) / 2 END AS hours,
               count(*) FILTER (is_off), min(id) FILTER (is_off), count(*)
        FROM (SELECT *, abs(seconds) >= CASE WHEN is_day THEN 140000 ELSE {_HOUR} END AS is_off FROM compared)
        GROUP BY 1
        """
    ).fetchall()
    several = sum(count for *_, count in differences)
    off = sum(count for _, count, _, _ in differences)
    if not off:
        return
    example = min(example for _, _, example, _ in differences if example)
    zones = {hours: count for hours, count, _, _ in differences if hours and count and abs(hours) <= 14}
    if off >= 3 and off > ALIKE * several and zones:
        hours = max(zones, key=lambda zone: zones[zone])
        # A zone with summer time has two neighbouring differences.
        near = {zone for zone in zones if abs(zone - hours) == 1}
        other = max(near, key=lambda zone: zones[zone], default=None)
        if zones[hours] + (zones[other] if other is not None else 0) > ALIKE * off:
            both = f" or UTC{_signed(other)}" if other is not None and zones[other] > 0.02 * off else ""
            yield (
                f"{_share(off, several)} a time that differs from the time in its id by the same number of hours, such "
                f"as {example}: the times look like local time, UTC{_signed(hours)}{both}, without a zone. They are "
                "landed as UTC; write the zone into the times to have them right."
            )
            return
    yield (
        f"{_share(off, several)} an id of X that contradicts its time by an hour or more, such as {example}: a digit "
        "was changed, or the time is another post's. They are landed as they stand."
    )


def _share(count: int, several: int) -> str:
    share = f"{count / several:.0%}" if count >= 0.1 * several else f"{count / several:.2%}"
    return f"{count:,} of {several:,} posts ({share}) " + ("has" if count == 1 else "have")


def _signed(hours: float | None) -> str:
    whole, part = divmod(abs(hours or 0), 1)
    return f"{'+' if (hours or 0) > 0 else '-'}{int(whole)}" + (":30" if part else "")
