"""The collected targets: each with its last run, how complete it is, and months without posts."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from curation.collecting.spool import RECORD, read_target_record, waiting_posts
from curation.disk.landings import landed_files, number_of, originals
from curation.disk.reading import landed_rows, reading, while_they_stand
from curation.disk.workspace import Workspace
from curation.posts import RAW_SCHEMA
from curation.sources.feed import Profile
from curation.sql import database, literal

#: Most empty stretches that are named; an author with more just posts seldom.
STRETCHES = 12


@dataclass(frozen=True)
class Target:
    """One target of one source."""

    source: str
    target: str
    last_run: str  # UTC, ISO 8601, to the second
    status: str  # of the last run: "complete", "partial" or "unchanged"
    posts: int  # distinct posts that are here: of an account all of its posts, else those from this target
    expected: int | None  # posts that its profile counts
    gaps: int  # parts of its list that have not been read
    waiting: int  # posts that a killed run has fetched; the next run lands them
    first: str | None  # month of the earliest post, "2024-03"
    last: str | None
    empty_months: tuple[str, ...]  # stretches without a post in between: "2024-05", "2024-07 to 2024-09"
    base_url: str | None = None  # of a feed: another server than the usual one, where the last run read

    def to_json(self) -> dict[str, Any]:
        """For `curation sources --status --json`."""
        return asdict(self)


def targets(space: Workspace) -> list[Target]:
    """Every collected target, by source and name. Raises `WorkspaceError`."""

    def of_landings(landings: list[Path]) -> list[Target]:
        with _raw(landings) as connection:
            return [*_feeds(space, connection), *_files(landings, connection)]

    return sorted(while_they_stand(space, of_landings), key=lambda target: (target.source, target.target))


@dataclass(frozen=True)
class Collected:
    """A target and the number of its records that could not be read."""

    target: Target
    rejected: int

    @property
    def missing(self) -> list[str]:
        """The known gaps, as clauses."""
        target = self.target
        clauses = []
        if target.status == "partial":
            clauses.append("the last run ended early")
        if target.expected is not None and target.posts < target.expected:
            clauses.append(f"{target.expected - target.posts:,} fewer than its profile counts")
        if target.gaps:
            clauses.append(f"{target.gaps:,} part{'' if target.gaps == 1 else 's'} of its list not read yet")
        if target.waiting:
            clauses.append(f"{target.waiting:,} fetched and not landed")
        if self.rejected:
            clauses.append(f"{self.rejected:,} record{'' if self.rejected == 1 else 's'} rejected")
        return clauses


def collected(space: Workspace) -> list[Collected]:
    """Every collected target with its known gaps. Raises `WorkspaceError`."""
    rejected: dict[tuple[str, str], tuple[int, int]] = {}
    for one in (one for folder in space.landings() for one in originals(folder)):
        target, number = (one["source"], one["target"]), number_of(one["landing"])
        rejected[target] = max(rejected.get(target, (0, 0)), (number, one["counts"].get("rejected", 0)))
    return [Collected(target, rejected.get((target.source, target.target), (0, 0))[1]) for target in targets(space)]


@contextlib.contextmanager
def _raw(landings: list[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with all that has landed as `raw`."""
    files = landed_files(landings)
    connection = database.reader()
    with contextlib.closing(connection), reading(files):
        if files:
            connection.execute(f"CREATE TEMP VIEW raw AS FROM {landed_rows(files)}")
        else:
            connection.register("raw", pa.Table.from_batches([], schema=RAW_SCHEMA))
        yield connection


def _feeds(space: Workspace, connection: duckdb.DuckDBPyConnection) -> Iterator[Target]:
    for path in sorted(space.targets.glob(f"*/{RECORD}")):
        record = read_target_record(path.parent)
        if record is None or "last_run" not in record:
            continue
        profile, run = Profile(**record["profile"]), record["last_run"]
        its_own = f"source = {literal(record['source'])} AND source_file = {literal(record['target'])}"
        yield Target(
            source=record["source"],
            target=record["target"],
            last_run=run["ended_at"],
            status=run["status"],
            expected=profile.expected,
            gaps=run["gaps"],
            waiting=waiting_posts(path.parent),
            base_url=record.get("base_url"),
            **_figures(connection, belongs_to(profile) if profile.author else its_own),
        )


def belongs_to(profile: Profile) -> str:
    """The condition under which a raw row is one of the posts that a profile counts."""
    whose = f"lower(author) = lower({literal(profile.author)})"
    if profile.author_id:
        whose = f"({whose} OR author_id = {literal(profile.author_id)})"
    reposts = "" if profile.counts_reposts else " AND is_repost IS NOT TRUE"
    return f"platform = {literal(profile.platform)} AND {whose}{reposts}"


def landed_posts(space: Workspace, profile: Profile) -> int | None:
    """The number of landed posts of an account, from any source; None for a feed of many authors."""
    if profile.author is None:
        return None

    def counted(landings: list[Path]) -> int:
        with _raw(landings) as connection:
            return int(_figures(connection, belongs_to(profile))["posts"])

    return while_they_stand(space, counted)


def _files(landings: list[Path], connection: duckdb.DuckDBPyConnection) -> Iterator[Target]:
    """Archives and files, from the manifests of landings."""
    by_target: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for folder in landings:
        for one in originals(folder):
            if "feed" not in one:
                by_target.setdefault((one["source"], one["target"]), []).append((number_of(one["landing"]), one))
    for (source, target), several in by_target.items():
        last = several[-1][1]
        numbers = ", ".join(str(number) for number, _ in several)
        yield Target(
            source=source,
            target=target,
            last_run=last["landed_at"],
            status="complete" if last["complete"] else "partial",
            expected=None,
            gaps=0,
            waiting=0,
            **_figures(connection, f"landing IN ({numbers})"),
        )


def _figures(connection: duckdb.DuckDBPyConnection, condition: str) -> dict[str, Any]:
    """The fields of `Target` that are counted in its posts; months are UTC."""
    rows = connection.sql(
        f"""
        SELECT strftime(created_at, '%Y-%m') AS month, count(DISTINCT (platform, id))
        FROM raw WHERE {condition} GROUP BY month ORDER BY month
        """
    ).fetchall()
    months = [month for month, _ in rows if month is not None]
    return {
        "posts": sum(count for _, count in rows),
        "first": months[0] if months else None,
        "last": months[-1] if months else None,
        "empty_months": _empty(months),
    }


def _empty(months: list[str]) -> tuple[str, ...]:
    """The longest stretches without a post between the first month and the last, in order."""
    stretches = []
    for before, after in itertools.pairwise(months):
        begin, end = _count(before) + 1, _count(after) - 1
        if begin <= end:
            stretches.append((begin, end))
    named = sorted(sorted(stretches, key=lambda stretch: stretch[0] - stretch[1])[:STRETCHES])
    return tuple(_name(begin) + (f" to {_name(end)}" if end > begin else "") for begin, end in named)


def _count(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def _name(count: int) -> str:
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
