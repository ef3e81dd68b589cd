"""Clusters of copies: the kept post, and the posts removed for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.sql import identifier, literal
from dashboards.snapshot import Snapshot

if TYPE_CHECKING:
    import polars as pl

#: Clusters of a page, and copies of a cluster.
PAGE, COPIES = 10, 5

#: The orders of clusters.
LARGEST, LEAST_ALIKE, MOST_ALIKE = "largest", "least alike", "most alike"

#: A copy names its kept post by id only, and two platforms may share an id: its own platform's post
#: counts if there is one.
CLUSTERS = """
WITH copies AS (
    SELECT duplicate_of, platform, author, removed_by AS rule, {similarity} AS similarity
    FROM posts WHERE duplicate_of IS NOT NULL AND removed_by IS NOT NULL
), homes AS (
    SELECT id, list(platform ORDER BY platform) AS platforms
    FROM posts SEMI JOIN (SELECT DISTINCT duplicate_of AS id FROM copies) USING (id) GROUP BY id
), placed AS (
    SELECT copies.* EXCLUDE (platform), CASE
        WHEN platforms IS NULL OR list_contains(platforms, copies.platform) THEN copies.platform ELSE platforms[1]
    END AS platform
    FROM copies LEFT JOIN homes ON homes.id = copies.duplicate_of
)
SELECT platform, duplicate_of AS id, rule, count(*)::BIGINT AS copies, count(DISTINCT author)::BIGINT AS authors,
       min(similarity) AS similarity
FROM placed GROUP BY ALL ORDER BY copies DESC, platform, id, rule
"""


@dataclass(frozen=True)
class ClusterFilter:
    """Which clusters a page shows, and in what order. Empty fields choose all."""

    rules: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # of the kept post, or of a copy
    least: int = 1  # copies
    order: str = LARGEST


def clusters(snapshot: Snapshot, chosen: ClusterFilter) -> pl.DataFrame:
    """The chosen clusters: `platform`, `id`, `rule`, `copies`, `authors`, and the least `similarity`."""
    import polars as pl

    frame = snapshot.query(CLUSTERS.format(similarity=_similarity(snapshot))).filter(pl.col("copies") >= chosen.least)
    if chosen.rules:
        frame = frame.filter(pl.col("rule").is_in(list(chosen.rules)))
    if chosen.authors:
        theirs = _posts_of(snapshot).filter(pl.col("author").is_in(list(chosen.authors)))
        frame = frame.filter(pl.col("id").is_in(theirs["id"].implode()))
    if chosen.order != LARGEST:
        frame = frame.sort("similarity", descending=chosen.order == MOST_ALIKE, nulls_last=True, maintain_order=True)
    return frame


def _posts_of(snapshot: Snapshot) -> pl.DataFrame:
    """Who is in each cluster, as the kept post's author or a copy's: `author` and the kept post's `id`."""
    return snapshot.query(
        "WITH kept AS (SELECT DISTINCT duplicate_of AS id FROM posts WHERE duplicate_of IS NOT NULL) "
        "SELECT DISTINCT author, coalesce(duplicate_of, id) AS id FROM posts "
        "WHERE duplicate_of IS NOT NULL OR id IN (FROM kept) ORDER BY author, id"
    )


def counts(snapshot: Snapshot, chosen: ClusterFilter) -> dict[str, dict[str, int]]:
    """Clusters by rule and by author, each under the other conditions; the most first."""
    import polars as pl

    by_rule = clusters(snapshot, replace(chosen, rules=(), order=LARGEST))["rule"].value_counts()
    ours = clusters(snapshot, replace(chosen, authors=(), order=LARGEST)).select("id", "rule")
    by_author = ours.join(_posts_of(snapshot), on="id").group_by("author").agg(pl.len().alias("count"))
    return {
        "verdict": dict(by_rule.sort(["count", "rule"], descending=[True, False]).iter_rows()),
        "author": dict(by_author.sort(["count", "author"], descending=[True, False]).iter_rows()),
    }


def similarity_columns(snapshot: Snapshot) -> dict[str, str]:
    """By rule, the column with the similarity of a copy and the kept post, if the corpus has one."""
    dedups = [rule for rule in snapshot.corpus.rules if rule["kind"] == "dedup"]
    columns = ((rule, f"{rule['name']}_similarity") for rule in dedups)
    return {rule["name"]: column for rule, column in columns if column in rule["columns"]}


def _similarity(snapshot: Snapshot) -> str:
    """SQL: the similarity of a copy and the kept post."""
    columns = similarity_columns(snapshot).items()
    cases = "".join(f" WHEN removed_by = {literal(name)} THEN {identifier(column)}" for name, column in columns)
    return f"CASE{cases} END" if cases else "CAST(NULL AS DOUBLE)"


@dataclass(frozen=True)
class CopyCluster:
    """A post and its copies."""

    platform: str
    id: str
    rule: str  # that removed the copies
    copies: int
    authors: int  # of the copies
    similarity: float | None  # the least, of a copy and the kept post; None where the rule has none
    kept: dict[str, Any] | None  # the post; None if it is no longer in the corpus
    shown: tuple[dict[str, Any], ...]  # the earliest copies

    @property
    def post(self) -> str:
        """The name of the post in an address."""
        return f"{self.platform}:{self.id}"


def by_rule(frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """The number of clusters and of copies of each rule."""
    import polars as pl

    sums = frame.group_by("rule").agg(pl.len().cast(pl.Int64).alias("clusters"), pl.col("copies").sum())
    return {rule: (clusters, copies) for rule, clusters, copies in sums.iter_rows()}


def without_kept(snapshot: Snapshot) -> dict[str, int]:
    """Posts that a dedup removed without a kept post, by rule."""
    dedups = [rule["name"] for rule in snapshot.corpus.rules if rule["kind"] == "dedup"]
    rows = snapshot.query(
        "SELECT removed_by, count(*)::BIGINT AS posts FROM posts "
        "WHERE duplicate_of IS NULL AND list_contains(?, removed_by) GROUP BY removed_by ORDER BY removed_by",
        [dedups],
    )
    return dict(rows.iter_rows())


def page(
    snapshot: Snapshot, frame: pl.DataFrame, number: int, *, size: int = PAGE, copies: int = COPIES
) -> list[CopyCluster]:
    """The clusters of a page, numbered from 1, with kept posts and first copies; `frame` comes from `clusters`."""
    frame = frame.slice((number - 1) * size, size)
    ids = frame["id"].to_list()
    columns = "platform, id, author, author_name, created_at::TIMESTAMP AS at, text, raw_text, removed_by"
    kept = snapshot.query(f"SELECT {columns} FROM posts WHERE id IN (SELECT unnest(?::VARCHAR[]))", [ids])
    posts = {(row["platform"], row["id"]): row for row in kept.iter_rows(named=True)}
    removed = snapshot.query(
        f"SELECT {columns}, duplicate_of, {_similarity(snapshot)} AS similarity FROM posts "
        "WHERE duplicate_of IN (SELECT unnest(?::VARCHAR[])) "
        "QUALIFY row_number() OVER (PARTITION BY duplicate_of, platform, removed_by "
        "ORDER BY created_at NULLS LAST, length(id), id) <= ? ORDER BY created_at NULLS LAST, length(id), id",
        [ids, copies],
    )
    several: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in removed.iter_rows(named=True):
        several.setdefault((row["duplicate_of"], row["removed_by"]), []).append(row)
    clusters = []
    for row in frame.iter_rows(named=True):
        ours = [
            copy
            for copy in several.get((row["id"], row["rule"]), [])
            if copy["platform"] == row["platform"] or (copy["platform"], row["id"]) not in posts
        ]
        clusters.append(CopyCluster(**row, kept=posts.get((row["platform"], row["id"])), shown=tuple(ours[:copies])))
    return clusters


def scope(rule: dict[str, Any]) -> str:
    """Whose posts a rule compares, as a clause; empty without the parameter `scope`."""
    return {"author": "among the posts of one author", "global": "among the posts of all authors"}.get(
        str(rule["parameters"].get("scope")), ""
    )


def texts(post: dict[str, Any], copy: dict[str, Any]) -> tuple[str, str, str]:
    """The texts to compare: the kept post's, the copy's, and a note if they are not the final texts."""
    if post["text"] != copy["text"]:
        return post["text"], copy["text"], ""
    if post["raw_text"] != copy["raw_text"]:
        return post["raw_text"], copy["raw_text"], "The same after rewriting; as downloaded:"
    return post["text"], copy["text"], "The same, letter by letter."
