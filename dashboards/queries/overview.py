"""Queries of the page Overview: the ledger, the size of the training text, and how complete each target is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curation.collecting.targets import Collected, collected
from curation.corpus.ledger import UNKNOWN, Ledger, Row
from curation.corpus.selection import KEPT
from curation.corpus.tokens_estimate import bytes_of, estimated_tokens
from curation.disk.workspace import Workspace
from dashboards.snapshot import Snapshot

#: Authors that have a bar of their own.
SHOWN = 25
#: Most months with a bar each; more become years.
MONTHS = 48


@dataclass(frozen=True)
class TextSize:
    """Training text: the kept posts."""

    posts: int
    characters: int  # code points
    tokens: int  # about; see `curation.corpus.tokens_estimate`


@dataclass(frozen=True)
class Step:
    """A bar of the waterfall; `begin` and `end` are numbers of posts left."""

    key: str  # "" for all that was downloaded, a rule's name, or "kept"
    label: str
    posts: int
    begin: int
    end: int


@dataclass(frozen=True)
class Account:
    """Kept and removed posts of an author or of a period."""

    label: str
    keys: tuple[str, ...]  # the values of the facet; empty for a bar of several authors
    downloaded: int
    kept: int
    removed: dict[str, int]  # by rule, without zeros

    @property
    def removed_posts(self) -> int:
        """Posts that any rule removed."""
        return sum(self.removed.values())


def ledger(snapshot: Snapshot, by: str = "author") -> Ledger:
    """The library's ledger of the corpus. Raises `ReplacedError`."""
    return snapshot.keep(("ledger", by), lambda: snapshot.ask(lambda corpus: Ledger.of(corpus, by)), size=200_000)


def training_text(snapshot: Snapshot) -> TextSize:
    """The kept posts' text."""
    [row] = snapshot.query(
        "SELECT count(*) AS posts, coalesce(sum(length(text)), 0)::BIGINT AS characters, "
        f"coalesce(sum({bytes_of('text')}), 0)::BIGINT AS bytes FROM posts WHERE removed_by IS NULL"
    ).iter_rows(named=True)
    return TextSize(row["posts"], row["characters"], estimated_tokens(row["bytes"]))


def waterfall(account: Ledger) -> list[Step]:
    """From downloaded through each removing rule to kept, in recipe order."""
    total = account.total
    left = total.downloaded
    steps = [Step("", "Downloaded", total.downloaded, 0, total.downloaded)]
    called = Counter(rule.label for rule in account.rules)
    for rule in account.rules:
        label = rule.label if called[rule.label] == 1 else f"{rule.label} ({rule.name})"
        posts = total.removed[rule.name]
        steps.append(Step(rule.name, label, posts, left - posts, left))
        left -= posts
    return [*steps, Step(KEPT, "Kept", total.kept, 0, total.kept)]


def authors(account: Ledger, search: str = "", most: int = SHOWN) -> list[Account]:
    """The authors with the most posts, the others as one; with `search`, those whose handle or name contains it."""
    rows = list(account.rows)
    if search:
        text = search.casefold()
        rows = [row for row in rows if text in row.key.casefold() or text in (row.author_name or "").casefold()]
    shown, others = rows[:most], rows[most:]
    accounts = [_sum(row.key, (row.key,), [row]) for row in shown]
    return [*accounts, _sum(f"{len(others):,} others", (), others)] if others else accounts


def periods(account: Ledger, by: str) -> list[Account]:
    """A ledger by `month` or `year`, with the empty periods in between, without posts of unknown time."""
    rows = {row.key: row for row in account.rows if row.key != UNKNOWN}
    if not rows:
        return []
    months = _between(min(rows), max(rows))
    if by == "month":
        return [_sum(month, (month,), [rows[month]] if month in rows else []) for month in months]
    years: dict[str, list[str]] = {}
    for month in months:
        years.setdefault(month.partition("-")[0], []).append(month)
    return [
        _sum(year, tuple(month for month in those if month in rows), [rows[month] for month in those if month in rows])
        for year, those in years.items()
    ]


def by_default(account: Ledger) -> str:
    """The better period for the chart: `month` or `year`."""
    months = [row.key for row in account.rows if row.key != UNKNOWN]
    return "month" if len(months) < 2 or len(_between(months[0], months[-1])) <= MONTHS else "year"


def undated(account: Ledger) -> int:
    """Posts of unknown time."""
    return sum(row.downloaded for row in account.rows if row.key == UNKNOWN)


def _between(first: str, last: str) -> list[str]:
    """Every month from the first to the last."""
    (begin, end) = (int(month[:-3]) * 12 + int(month[-2:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, end + 1)]


def _sum(label: str, keys: tuple[str, ...], rows: Sequence[Row]) -> Account:
    removed: dict[str, int] = {}
    for row in rows:
        for rule, posts in row.removed.items():
            if posts:
                removed[rule] = removed.get(rule, 0) + posts
    return Account(label, keys, sum(row.downloaded for row in rows), sum(row.kept for row in rows), removed)


def completeness(space: Workspace, snapshot: Snapshot) -> list[Collected]:
    """Every target that was collected, as in `curation sources --status`. Raises `WorkspaceError`."""
    landings = space.landings()
    records = [(path.name, path.stat().st_mtime_ns) for path in sorted(space.targets.glob("*/*.json"))]
    key = ("completeness", str(space.root), tuple(folder.name for folder in landings), tuple(records))
    return snapshot.answers.of(key, lambda: collected(space), lambda targets: 1_000 + 500 * len(targets))


def nothing_missing(collected: Sequence[Collected]) -> str:
    """What is known when every list was read to its end: empty months may be silence, or missing posts."""
    silent = sum(bool(one.target.empty_months) for one in collected)
    if not silent:
        return "Everything that the sources list is here, and no month in between is without a post."
    one = silent == 1
    whose = "a target has" if one else f"{silent:,} targets have"
    return (
        f"Everything that the sources list is here, but {whose} months without a post, and nothing says whether "
        "posts are missing there."
    )
