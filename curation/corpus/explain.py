"""The explanation of one post: its verdict, step by step."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.corpus.corpus import Corpus
from curation.corpus.findings import values_of
from curation.corpus.grounds import grounds
from curation.corpus.pins.pin_file import Pin, pins_of
from curation.disk.landings import landed_files
from curation.disk.reading import landed_rows, reading, while_they_stand
from curation.disk.workspace import Workspace
from curation.engines.stages import run_stages
from curation.engines.table import Table, sandbox
from curation.errors import InputError, NothingToDoError, WorkspaceError
from curation.recipes.plan import CARRIED, INPUT_SCHEMA, Plan, compile_rules
from curation.recipes.recipe import Recipe
from curation.recipes.verdict import BY_HAND
from curation.rules import RuleBook
from curation.rules.base import Dedup, Transform
from curation.sql import database, identifier

#: Fields of an explanation that its JSON has as they are.
_VERDICT = (
    "text", "measures", "matched", "removed_by", "by_hand", "duplicate_of", "similarity", "copies", "also_on", "raw",
)  # fmt: skip


@dataclass(frozen=True)
class Rewrite:
    """The text after a transform."""

    rule: str
    text: str
    changed: bool


@dataclass(frozen=True)
class Explanation:
    """The verdict on a post, and how it came about."""

    recipe: str
    post: dict[str, Any]  # the raw columns
    raw: str | None  # the original record, as JSON
    rewrites: tuple[Rewrite, ...]  # one for each transform, in recipe order
    text: str  # in the corpus
    measures: dict[str, Any]  # measured value by rule; None: not looked at
    matched: tuple[str, ...]  # every rule that would remove it
    removed_by: str | None  # the first of them, or `by_hand`; None: kept
    by_hand: str | None  # the pin that is applied: kept or removed; None: none is
    duplicate_of: str | None  # id of the post that is kept instead
    similarity: float | None  # of the two, from 0 to 1; None for rules without one
    relation: str | None  # to the post that is kept: "a copy of"
    copies: tuple[str, ...]  # ids of the posts that are removed for this one
    others: dict[str, tuple[str, ...]]  # the same ids by their relation: "Copies of it that were removed"
    also_on: tuple[str, ...] = ()  # other platforms with a post of this id
    decides_by: dict[str, dict[str, Any]] = field(default_factory=dict)  # columns with values, by rules without measure
    grounds: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what made rules without measure remove it
    pin: Pin | None = None  # in the workspace now

    @property
    def by_pin(self) -> bool:
        """Whether a pin decided otherwise than the recipe alone."""
        return self.removed_by == BY_HAND or (self.removed_by is None and bool(self.matched))

    def to_json(self) -> dict[str, Any]:
        """For `curation explain --json`."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "id": self.post["id"],
            "author": self.post["author"],
            "post": {name: _plain(value) for name, value in self.post.items()},
            "raw_text": self.post["text"],
            "rewrites": [vars(rewrite) for rewrite in self.rewrites],
            "decides_by": {rule: {k: _plain(v) for k, v in each.items()} for rule, each in self.decides_by.items()},
            "grounds": {rule: list(each) for rule, each in self.grounds.items()},
            **{name: getattr(self, name) for name in _VERDICT},
            "recipe_alone": self.matched[0] if self.matched else None,
            "pin": self.pin.to_json() if self.pin else None,
        }


def explain(
    space: Workspace, corpus: Corpus, post_id: str, *, platform: str | None = None, book: RuleBook | None = None
) -> Explanation:
    """What the corpus's recipe did to a post, by its id; without a `platform`, the first one that has it.

    `book` must know the recipe's rules when some are the user's own.
    Raises `NothingToDoError` when there is no such post.
    """
    measures = [column for rule in corpus.rules for column in rule["columns"]]
    rows = _rows(corpus, post_id, measures)
    platforms = [row["platform"] for row in rows]
    row = next((row for row in rows if platform in (None, row["platform"])), None)
    if row is None:
        where = f" of {platform}" if platform else ""
        elsewhere = f" There is one of {', '.join(platforms)}." if platforms else ""
        raise NothingToDoError(
            f"There is no post '{post_id}'{where} in the corpus '{corpus.recipe}'.{elsewhere} Ids are those of the "
            "platform; post ids stand in every jsonl export and in the corpus's Parquet files."
        )
    raw_post, raw = _landed(space, row["platform"], post_id)
    recipe = Recipe.of_manifest(corpus.manifest, book=book)
    copies = corpus.rows(
        "SELECT id, matched[1] FROM posts WHERE duplicate_of = ? AND platform = ? ORDER BY id",
        [post_id, row["platform"]],
    )
    joining = [rule.name for rule in recipe.rules if "text" in rule.marked()]
    joined = [copy for copy, removed_by in copies if removed_by in joining]
    dedups = {rule.name: rule for rule in recipe.rules if isinstance(rule, Dedup)}
    removing = dedups.get(row["matched"][0]) if row["matched"] else None
    return Explanation(
        recipe=corpus.recipe,
        post=raw_post,
        raw=raw,
        rewrites=_rewrites(space, recipe, [raw_post, *(_landed(space, row["platform"], part)[0] for part in joined)]),
        text=row["text"],
        measures={name: _plain(row[name]) for name in measures},
        matched=tuple(row["matched"]),
        removed_by=row["removed_by"],
        by_hand=row.get(BY_HAND),
        duplicate_of=row["duplicate_of"],
        similarity=row.get(removing.similarity_column) if removing and removing.similarity_column else None,
        relation=removing.relation if removing else None,
        copies=tuple(copy for copy, _ in copies),
        others=_by_words(recipe, copies),
        also_on=tuple(each for each in platforms if each != row["platform"]),
        decides_by=values_of(recipe.rules, raw_post),
        grounds=grounds(recipe.rules, [{**raw_post, "raw_text": raw_post["text"], "matched": row["matched"]}])[0],
        pin=_pin(space, row["platform"], post_id),
    )


def _rows(corpus: Corpus, post_id: str, measures: list[str]) -> list[dict[str, Any]]:
    """The posts of a corpus with an id, by platform."""
    there = {column for (column, *_) in corpus.rows("DESCRIBE posts")}  # the corpus may be older than a column
    carried = [name for name in CARRIED if name != "text" and name in there]
    by_hand = [BY_HAND] if BY_HAND in there else []
    columns = [*carried, "raw_text", "text", "matched", "removed_by", *by_hand, "duplicate_of", *measures]
    statement = f"SELECT {', '.join(map(identifier, columns))} FROM posts WHERE id = ? ORDER BY platform"
    return [row for batch in corpus.batches(statement, [post_id]) for row in batch.to_pylist()]


def _pin(space: Workspace, platform: str, post_id: str) -> Pin | None:
    """The pin of a post; None where the file of pins can't be read, which `curation check` tells."""
    with contextlib.suppress(InputError):
        return pins_of(space).of(platform, post_id)
    return None


def _by_words(recipe: Recipe, copies: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The ids of posts that are removed for another one, by the words of their rules for them."""
    words = {rule.name: rule.others for rule in recipe.rules if isinstance(rule, Dedup)}
    several: dict[str, tuple[str, ...]] = {}
    for copy, removed_by in copies:
        what = words.get(removed_by, Dedup.others)
        several[what] = (*several.get(what, ()), copy)
    return several


def _landed(space: Workspace, platform: str, post_id: str) -> tuple[dict[str, Any], str | None]:
    """The latest landed version of a post, and its original record."""

    def find(landings: list[Path]) -> list[dict[str, Any]]:
        files = landed_files(landings)
        names = [*INPUT_SCHEMA.names, "raw"]
        if not files:
            return []
        with reading(files):
            answer = database.reader().sql(
                f"SELECT {', '.join(map(identifier, names))} FROM {landed_rows(files)} "
                "WHERE platform = ? AND id = ? ORDER BY landing DESC, row DESC LIMIT 1",
                params=[platform, post_id],
            )
            rows: list[dict[str, Any]] = answer.to_arrow_table().to_pylist()
            return rows

    posts = while_they_stand(space, find)
    if not posts:
        raise WorkspaceError(
            f"The post '{post_id}' is in the corpus but not among what has landed in {space.raw}. Was a landing moved "
            "away? Collect it again."
        )
    [post] = posts
    return post, post.pop("raw")


def _rewrites(space: Workspace, recipe: Recipe, posts: list[dict[str, Any]]) -> tuple[Rewrite, ...]:
    """The text of the first post after each rule that rewrites; the others may be joined to it.

    Each text comes from a run of the recipe up to that rule over these posts.
    """
    table = pa.Table.from_pylist(posts, schema=INPUT_SCHEMA)
    rewrites: list[Rewrite] = []
    rewriting = [rule for rule in recipe.rules if isinstance(rule, Transform) or "text" in rule.marked()]
    before = posts[0]["text"]
    with space.scratch("explain") as scratch:
        for count, rule in enumerate(rewriting, start=1):
            folder = scratch / str(count)
            folder.mkdir()
            after = _first_text(compile_rules(tuple(rewriting[:count])), table, folder)
            rewrites.append(Rewrite(rule.name, after, after != before))
            before = after
    return tuple(rewrites)


def _first_text(plan: Plan, posts: pa.Table, folder: Path) -> str:
    """The text of the first post after a run."""
    with sandbox(plan.functions, folder=folder) as connection:
        connection.register("landed", posts)
        numbered = "SELECT *, text AS raw_text, 0 AS _part, row_number() OVER () - 1 AS _row FROM landed"
        outcome = run_stages(plan, Table(connection, plan, numbered, folder))
        [(text,)] = connection.sql(f"SELECT text FROM {outcome} ORDER BY _row LIMIT 1").fetchall()
    return str(text)


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
