"""What the page Compare shows: the posts of which two recipes say different things, counted by whatever divides posts.

What differs is found once for each change, and kept. All counts then come from it and from the index of facets, which
is in memory, so that another threshold takes no pass over texts.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from curation.asking.bench import Bench, able
from curation.asking.comparison import compare
from curation.asking.comparison.counting import BY
from curation.asking.comparison.paired import Joined
from curation.asking.comparison.resolve import Side
from curation.asking.comparison.result import Comparison, Row
from curation.asking.trial import try_recipe
from curation.asking.variants import recipe_of, without
from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT, facets, length_classes
from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError, WorkspaceError, did_you_mean
from curation.recipes.recipe import Recipe
from dashboards.queries.browse import at_places
from dashboards.queries.index import Index, index
from dashboards.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.disk.workspace import Workspace
    from curation.rules import RuleBook

#: Changed posts of a page.
PAGE = 10
#: Columns that a sample shows, besides `raw_text` and what was measured.
SHOWN = (
    "platform", "id", "author", "author_name", "created_at", "is_repost", "is_reply", "is_quote", "text",
    "rewritten_by", "removed_by", "duplicate_of",
)  # fmt: skip
#: Posts that a whole run draws of those that change.
DRAWN = 200
#: The ways in which what two sides say differs.
LOST, GAINED, MOVED = "lost", "gained", "moved"


@dataclass(frozen=True)
class Request:
    """Side B, as the address names it."""

    against: str = ""  # another corpus; empty: A with these changes
    set: tuple[str, ...] = ()  # rule.parameter=value, the value in TOML
    without: tuple[str, ...] = ()  # rules that are left out

    @property
    def nothing(self) -> bool:
        """Whether B is A as it stands."""
        return not (self.against or self.set or self.without)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What two sides say of the posts of A's corpus."""

    index: Index
    numbers: np.ndarray  # of the posts whose verdicts differ, in the corpus's order
    a: np.ndarray  # of each of them, the place of A's verdict in `verdicts`
    b: np.ndarray
    verdicts: tuple[str, ...]  # "kept" and the rules of both sides
    missing: np.ndarray  # posts that B's corpus lacks; no figure counts them
    left_out: int  # posts that only one of the two corpora has
    how: str  # of B: see `curation.asking.trial`
    again: tuple[str, ...]  # rules that were done again for it
    rules: Sequence[Mapping[str, Any]]  # of B, as a manifest has them
    of_b: pa.Table | None  # `removed_by` and `duplicate_of` of B of each of them; None for another corpus

    @property
    def nbytes(self) -> int:
        """Bytes that it holds besides the index."""
        arrays = [self.numbers, self.a, self.b, self.missing, *([self.of_b] if self.of_b is not None else [])]
        return sum(array.nbytes for array in arrays)

    def which(self, way: str) -> np.ndarray:
        """The places in `numbers` of the posts that differ in this way."""
        kept = self.verdicts.index(KEPT)
        a, b = self.a == kept, self.b == kept
        return np.flatnonzero({LOST: a & ~b, GAINED: ~a & b, MOVED: ~a & ~b}[way])

    @property
    def total(self) -> Row:
        """All posts."""
        return self.rows("verdict", whole=True)[0]

    def rows(self, facet: str, *, whole: bool = False) -> list[Row]:
        """The posts by a facet: those of which most change first, months and lengths in their order."""
        codes = self.index.facets[facet]
        there = np.ones(self.index.posts, dtype=bool)
        there[self.missing] = False
        kept = self.index.facets["verdict"].among([KEPT]) & there
        lost, gained = (self.numbers[self.which(way)] for way in (LOST, GAINED))
        counts = [np.bincount(codes.codes[those], minlength=len(codes.values)) for those in (there, kept, lost, gained)]
        if whole:
            counts = [np.array([count.sum()]) for count in counts]
        found = [
            Row(value, kept - lost, lost, gained, posts - kept - gained)
            for value, posts, kept, lost, gained in zip(
                ["total"] if whole else codes.values, *(count.tolist() for count in counts), strict=True
            )
            if posts or whole
        ]
        return ordered(facet, found)

    def flows(self) -> list[tuple[str, str, int]]:
        """What A says, what B says, and of how many posts; the most first."""
        pairs, counts = np.unique(self.a.astype(np.int64) * len(self.verdicts) + self.b, return_counts=True)
        named = [
            (self.verdicts[pair // len(self.verdicts)], self.verdicts[pair % len(self.verdicts)], count)
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
        ]
        return sorted(named, key=lambda flow: (-flow[2], flow[:2]))

    def drawn(self, way: str, author: str = "") -> np.ndarray:
        """The posts that differ in this way, as places in `numbers`, in a mixed order that is always the same."""
        places = self.which(way)
        if author:
            places = places[self.index.facets["author"].among([author])[self.numbers[places]]]
        # Multiplying by a large odd number scatters neighbours (Knuth's multiplicative hash).
        return places[np.argsort((self.numbers[places] * 2654435761) % 2**32, kind="stable")]


def ordered(facet: str, rows: list[Row]) -> list[Row]:
    """Rows in the order in which they are shown."""
    if facet == "length":
        return sorted(rows, key=lambda row: length_classes().index(row.key))
    return sorted(rows, key=lambda row: row.key if facet == "month" else (-row.changed, -row.posts, row.key))


def changed_recipe(corpus: Corpus, request: Request, book: RuleBook) -> Recipe:
    """The recipe of A with the changes. Raises `RecipeError`, `UsageError`."""
    recipe = Recipe.of_manifest(corpus.manifest, book=book, changes=request.set)
    names = [rule.name for rule in recipe.rules]
    for name in request.without:
        if name not in names:
            raise RecipeError(f"The recipe has no rule '{name}'.{did_you_mean(name, names)}")
        recipe = without(recipe, name)
    return recipe


def tell(snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook) -> Outcome | None:
    """What B says; None when only a whole run can tell. Raises `CurationError`, `ReplacedError`."""
    key = (snapshot.identity, "compared", request, state(space, request))
    outcome = snapshot.answers.get(key)
    if outcome is None:
        outcome = _against(snapshot, space, request) if request.against else _changed(snapshot, request, book)
        if outcome is None:
            return None
        snapshot.answers.put(key, outcome, outcome.nbytes + 10_000)
    return outcome


def state(space: Workspace, request: Request) -> tuple[str, ...]:
    """What tells the state of B's corpus from others; nothing where B is A with changes."""
    return Snapshot(Corpus.open(space, request.against)).identity if request.against else ()


def _changed(snapshot: Snapshot, request: Request, book: RuleBook) -> Outcome | None:
    recipe = changed_recipe(snapshot.corpus, request, book)
    bench = warm(snapshot)
    try:
        trial = snapshot.ask(lambda corpus: try_recipe(corpus, recipe, book=book, bench=bench, only_changed=True))
    except duckdb.Error:
        compile_recipe(recipe)  # says what is wrong with a user's own condition
        raise
    if trial is None:
        return None
    known = index(snapshot, facets(snapshot.manifest))
    trial_verdicts = trial.verdicts
    numbers = known.begins[trial_verdicts["part"].to_numpy()] + trial_verdicts["row"].to_numpy()
    stood = known.facets["verdict"]
    verdicts = tuple(dict.fromkeys([KEPT, *stood.values, *(rule.name for rule in recipe.rules)]))
    places = {name: place for place, name in enumerate(verdicts)}
    a = np.array([places[name] for name in stood.values], dtype=np.int16)[stood.codes[numbers]]
    named = trial_verdicts["removed_by"].combine_chunks().dictionary_encode()
    of_b = np.array([*(places[name] for name in named.dictionary.to_pylist()), places[KEPT]], dtype=np.int16)
    b = of_b[named.indices.fill_null(len(of_b) - 1).to_numpy(zero_copy_only=False)]
    differs = np.flatnonzero(a != b)
    rules = recipe.to_json()["rules"]
    nothing = np.zeros(0, dtype=np.int64)
    return Outcome(
        known, numbers[differs], a[differs], b[differs], verdicts, nothing, 0, trial.how, trial.again, rules,
        trial_verdicts.select(["removed_by", "duplicate_of"]).take(differs),
    )  # fmt: skip


def _against(snapshot: Snapshot, space: Workspace, request: Request) -> Outcome:
    other = Corpus.open(space, request.against)
    try:
        joined = snapshot.ask(lambda corpus: Joined.of(Side(corpus.recipe, corpus), Side(other.recipe, other)))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WorkspaceError(f"The corpus '{request.against}' can't be read just now. Look again.") from error
    known = index(snapshot, facets(snapshot.manifest))
    changes = joined.changes
    numbers = known.begins[changes["part"].to_numpy()] + changes["row"].to_numpy()
    there = changes["there"].to_numpy(zero_copy_only=False) if len(numbers) else np.zeros(0, dtype=bool)
    verdicts = tuple(dict.fromkeys([KEPT, *snapshot.corpus.removing_rules, *other.removing_rules]))
    places = {name: place for place, name in enumerate(verdicts)}
    a, b = (
        np.array([places.get(name, 0) for name in changes[side].cast("string").to_pylist()], dtype=np.int16)
        for side in ("a", "b")
    )
    differs = np.flatnonzero((a != b) & there)
    return Outcome(
        known, numbers[differs], a[differs], b[differs], verdicts, numbers[~there], joined.left_out, "stands", (),
        other.rules, None,
    )  # fmt: skip


def warm(snapshot: Snapshot) -> Bench:
    """What trials on the corpus know already; a first trial reads it."""
    # What a trial of a dedup adds to it later is about a byte a post.
    return snapshot.keep("bench", Bench, size=4 * snapshot.manifest["counts"]["downloaded"])


def prepare(snapshot: Snapshot, book: RuleBook) -> None:
    """Have the first change answered as quickly as the others: read what a trial needs of the corpus."""
    request = Request(without=tuple(rule["name"] for rule in snapshot.corpus.rules if rule["kind"] == "filter")[:1])

    def make() -> bool:
        index(snapshot, facets(snapshot.manifest))
        # A rule less before the dedups has these done again; other kinds of rules need nothing that could be kept.
        if request.without and able(recipe_of(snapshot.corpus, book), changed_recipe(snapshot.corpus, request, book)):
            _changed(snapshot, request, book)
        return True

    snapshot.keep("bench is warm", make)


def shown(
    snapshot: Snapshot, space: Workspace, outcome: Outcome, request: Request, places: Sequence[int]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Posts that differ, each as A's corpus has it and as B says it, with the columns that a sample shows."""
    numbers = outcome.numbers[list(places)]
    measured = [column for rule in snapshot.corpus.rules for column in rule["columns"]]
    posts = at_places(snapshot, outcome.index.places(numbers), only=[*SHOWN, *measured])
    if outcome.of_b is not None:
        decisions = outcome.of_b.take(list(places)).to_pylist()
        return [(post, {**post, **verdict}) for post, verdict in zip(posts, decisions, strict=True)]
    other = Snapshot(Corpus.open(space, request.against), snapshot.answers)
    frame = other.query("SELECT * FROM posts WHERE list_contains(?, id)", [[post["id"] for post in posts]])
    found = {(post["platform"], post["id"]): post for post in frame.to_dicts()}
    return [(post, found.get((post["platform"], post["id"]), post)) for post in posts]


def work_out(
    snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook, *, known_only: bool = False
) -> Comparison | None:
    """The library's whole comparison, by a run that is kept nowhere if need be; with `known_only` only a kept answer.

    Raises `CurationError`.
    """
    key = (snapshot.identity, "worked out", request, state(space, request))
    found = snapshot.answers.get(key)
    if found is None and not known_only:
        found = compare(
            space, snapshot.corpus.recipe, request.against or None, changes=request.set, without=request.without,
            samples=DRAWN, book=book,
        )  # fmt: skip
        rows = sum(map(len, found.tables.values()))
        snapshot.answers.put(key, found, 300 * rows + sum(4_000 + 4 * len(post.text) for post in found.changed))
    return found


def command(recipe: str, request: Request, data: Sequence[str]) -> str:
    """The command line that says the same."""
    words = ["curation", "compare", recipe, *([request.against] if request.against else [])]
    words += [word for change in request.set for word in ("--set", change)]
    words += [word for rule in request.without for word in ("--without", rule)]
    return shlex.join([*words, *data])


def named(recipe: Recipe, name: str) -> Recipe:
    """The recipe under another name."""
    return replace(recipe, name=name)


__all__ = ["BY", "Outcome", "Request", "changed_recipe", "command", "named", "prepare", "shown", "tell", "work_out"]
