"""The ledger: downloaded = kept + Σ removed, for every row and in total.

Each figure is counted, and none is the difference of two others: `downloaded` counts posts, `kept` the posts without a
verdict against them, `removed` the posts whose `removed_by` names the rule. `Ledger.balances` is false when the corpus
holds a verdict of a rule that its recipe doesn't have. Where pins are applied, `by_hand` stands among the rules, and
`kept_by_hand` counts the kept posts that the recipe alone removes.

>>> ledger = Ledger.of(Corpus.open("data", "huggingtweets"))      # doctest: +SKIP
>>> ledger.total.removed                                          # doctest: +SKIP
{'retweet': 3, 'min_words': 33}
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from curation import sql
from curation.corpus.corpus import Corpus
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS

if TYPE_CHECKING:
    import polars as pl

#: What a ledger can have its rows by.
BY = ("author", "month", "language", "source")

#: The key of posts without a time or a language. Not from `curation.posts`: that imports Arrow, which a ledger on a
#: terminal doesn't need.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class RemovingRule:
    """A filter or dedup of the recipe."""

    name: str  # unique in the recipe
    use: str  # which rule it is: `retweet`, `min_words`, …
    label: str  # for people


@dataclass(frozen=True)
class Row:
    """The account of some posts; every figure is a number of posts."""

    key: str
    downloaded: int
    removed: dict[str, int]  # rule → posts, for every removing rule in recipe order, zeros too
    kept: int
    author_name: str | None = None  # the latest in the posts; None for rows that are not an author
    # Of the kept ones, those that the recipe alone removes; None without pins.
    kept_by_hand: int | None = field(default=None, repr=False)

    @property
    def balances(self) -> bool:
        """Whether downloaded = kept + Σ removed."""
        return self.downloaded == self.kept + sum(self.removed.values())


@dataclass(frozen=True)
class Ledger:
    """What became of the posts of a corpus."""

    recipe: str
    by: str
    rules: tuple[RemovingRule, ...]
    rows: tuple[Row, ...]  # months in their order; else most downloaded first, then by key
    total: Row  # its key is "total"

    @classmethod
    def of(cls, corpus: Corpus, by: str = "author", *, authors: Sequence[str] = ()) -> Ledger:
        """Read the ledger of a corpus, in one query.

        `by` is `author`, `month` (of `created_at`, UTC, as `2026-03`), `language` (from the recipe's `language` rule,
        else from the platform) or `source`. Posts without one have the key `unknown`. `authors` limits the ledger to
        their posts. Raises `UsageError` for another `by`, `NothingToDoError` for an author without posts.
        """
        if by not in BY:
            raise UsageError(f"A ledger has no rows by '{by}'.{did_you_mean(by, BY)}")
        for author in authors:
            corpus.require_author(author)

        def ask(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Ledger:
            rules = tuple(
                RemovingRule(rule["name"], rule["use"], rule["label"])
                for rule in manifest["recipe"]["rules"]
                if rule["kind"] != "transform"
            )
            texts = {name for name, kind, *_ in connection.execute("DESCRIBE posts").fetchall() if kind == "VARCHAR"}
            pinned = bool(manifest.get("pins"))
            if pinned:
                rules += (RemovingRule(BY_HAND, BY_HAND, LABELS[BY_HAND]),)
            key, names = key_of(by, manifest, texts), [rule.name for rule in rules]
            statement = _statement(key, names, authors, in_time=by == "month", pinned=pinned)
            rows = [_row(names, by, *values) for values in connection.execute(statement).fetchall()]
            return cls(manifest["recipe"]["name"], by, rules, rows=tuple(rows[1:]), total=rows[0])

        return corpus.reading(ask)

    @property
    def balances(self) -> bool:
        """Whether every row and the total balance, and the rows add up to the total."""
        total = all_figures(self.total)
        sums = [sum(column) for column in zip(*map(all_figures, self.rows), strict=True)] or [0] * len(total)
        return all(row.balances for row in (*self.rows, self.total)) and sums == total

    def require_balance(self, corpus: Corpus) -> None:
        """Raise `WorkspaceError` about its corpus unless it balances."""
        if not self.balances:
            raise WorkspaceError(
                f"The corpus in {corpus.folder} does not balance: it holds verdicts that its recipe does not explain. "
                f"Make it anew with: curation run {self.recipe} --again"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names for the columns of a table: the key, `downloaded`, one a rule, `kept`; with pins `kept_by_hand` too.

        A rule's column has the rule's name, after `removed_` where that name is taken, as by the rule `language` in a
        ledger by language.
        """
        taken = [self.by, "author_name", "downloaded", "kept"]
        for rule in self.rules:
            name = rule.name
            while name in taken:
                name = f"removed_{name}"
            taken.append(name)
        return (self.by, "downloaded", *taken[4:], "kept", *([KEPT_BY_HAND] if self.pinned else []))

    @property
    def pinned(self) -> bool:
        """Whether pins are applied in the corpus."""
        return self.total.kept_by_hand is not None

    @property
    def frame(self) -> pl.DataFrame:
        """The rows as a Polars frame with `columns`, and `author_name` last if they are by author."""
        import polars as pl

        key, *counts = self.columns
        schema = {key: pl.String, **dict.fromkeys(counts, pl.Int64)}
        frame = pl.DataFrame([(row.key, *all_figures(row)) for row in self.rows], schema=schema, orient="row")
        if self.by != "author":
            return frame
        return frame.with_columns(pl.Series("author_name", [r.author_name for r in self.rows], pl.String))

    def to_json(self) -> dict[str, Any]:
        """What `curation ledger --json` prints."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "by": self.by,
            "rules": [rule.name for rule in self.rules],
            "rows": [{self.by: row.key, **_account(row)} for row in self.rows],
            "total": _account(self.total),
        }


def figures(row: Row) -> list[int]:
    """Downloaded, removed by each rule in recipe order, kept."""
    return [row.downloaded, *row.removed.values(), row.kept]


def all_figures(row: Row) -> list[int]:
    """The same, and with pins those kept by hand, which are among the kept ones."""
    return [*figures(row), *([] if row.kept_by_hand is None else [row.kept_by_hand])]


def _account(row: Row) -> dict[str, Any]:
    by_hand = {} if row.kept_by_hand is None else {KEPT_BY_HAND: row.kept_by_hand}
    return {"downloaded": row.downloaded, "removed": dict(row.removed), "kept": row.kept, **by_hand}


def key_of(by: str, manifest: Mapping[str, Any], texts: Container[str] | None = None) -> str:
    """SQL over `posts`: the key of a post's row; NULL or empty where the post has none.

    `texts` are the columns of `posts` that hold text, where they are known: see `measured`.
    """
    if by == "month":
        return "strftime(created_at::TIMESTAMP, '%Y-%m')"
    if by == "language":
        return sql.identifier(next(measured(by, manifest["recipe"]["rules"], texts), "lang"))
    return sql.identifier(by)


def measured(facet: str, rules: Iterable[Mapping[str, Any]], texts: Container[str] | None = None) -> Iterator[str]:
    """The columns that rules, as a manifest has them, measured for a facet.

    Every facet is a text, and a rule named after the facet measures it. The classes of other rules, which take long to
    import, are asked only about columns that are among the `texts`.
    """
    for rule in rules:
        column = rule["measure"]
        if column and (texts is None or column in texts) and (rule["use"] == facet or _facet_of(rule) == facet):
            yield column


def _facet_of(rule: Mapping[str, Any]) -> str:
    from curation.rules import installed

    return installed().class_of(rule).facet


def _statement(key: str, rules: Iterable[str], authors: Sequence[str], *, in_time: bool, pinned: bool) -> str:
    """SQL: first a row for everything, then a row for each key; the counts stand side by side."""
    removed = [f"count(*) FILTER (WHERE removed_by = {sql.literal(rule)})" for rule in rules]
    by_hand = "count(*) FILTER (WHERE removed_by IS NULL AND len(matched) > 0)" if pinned else "NULL::BIGINT"
    counts = ", ".join([by_hand, "count(*)", *removed, "count(*) FILTER (WHERE removed_by IS NULL)"])
    verdict = "removed_by, matched" if pinned else "removed_by"
    # The latest name; of two at one time the greater, whatever the order of reading.
    latest = "max({'at': coalesce(created_at::TIMESTAMP, '-infinity'), 'name': author_name})"
    name = f"{latest} FILTER (WHERE author_name IS NOT NULL)"
    chosen = f"WHERE list_contains({sql.literal(list(authors))}, author)" if authors else ""
    return (
        f"WITH keyed AS (SELECT coalesce(nullif({key}, ''), {sql.literal(UNKNOWN)}) AS ledger_key, "
        f"{verdict}, created_at, author_name FROM posts {chosen}) "
        f"SELECT ledger_key, ({name}).name, {counts} FROM keyed GROUP BY GROUPING SETS ((ledger_key), ()) "
        f"ORDER BY grouping(ledger_key) DESC, {'' if in_time else 'count(*) DESC, '}ledger_key"
    )


def _row(
    rules: Sequence[str], by: str, key: str | None, name: str | None, kept_by_hand: int | None, *counts: int
) -> Row:
    downloaded, *removed, kept = counts
    author_name = name if by == "author" and key is not None else None
    first = dict(zip(rules, removed, strict=True))
    return Row("total" if key is None else key, downloaded, first, kept, author_name, kept_by_hand)
