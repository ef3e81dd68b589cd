"""Queries of the page Compare: the posts on which two recipes differ, counted by facet, and which model is better.

Each change computes the difference once and caches it. All counts come from it and from the index of facets,
which is in memory, so another threshold needs no pass over the texts.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from curation.asking.approach import Way, approach
from curation.asking.comparison import CompareOptions, Comparison, PairedPosts, Side, compare
from curation.asking.comparison.result import ComparedPosts
from curation.asking.draft import changed_text, text_of
from curation.asking.judge import judge_each
from curation.asking.variants import recipe_of, without
from curation.asking.verdict_cache import VerdictCache
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT, facets, length_classes
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError, WorkspaceError, did_you_mean
from curation.recipes.recipe import Recipe
from curation.recipes.verdict import BY_HAND
from curation.rules import RuleBook
from curation.training.evaluation import Evaluation, evaluate, variants
from dashboards.queries.browse import at_places
from dashboards.queries.index import Index, index
from dashboards.snapshot import Snapshot

#: Changed posts of a page.
PAGE = 10
#: Columns that a sample shows, besides `raw_text` and the measures.
SHOWN = (
    "platform", "id", "author", "author_name", "created_at", "is_repost", "is_reply", "is_quote", "text",
    "rewritten_by", "removed_by", "duplicate_of",
)  # fmt: skip
#: Changed posts that a whole run samples.
DRAWN = 200
#: The ways in which two sides differ about a post.
LOST, GAINED, MOVED = "lost", "gained", "moved"
#: The columns of changes, and the changes of a side that keeps the verdicts of its corpus.
CHANGED: Mapping[str, pa.DataType] = {
    "part": pa.int32(), "row": pa.int64(), "removed_by": pa.string(), "duplicate_of": pa.string(),
}  # fmt: skip
NO_CHANGES = pa.schema(CHANGED).empty_table()


@dataclass(frozen=True)
class Request:
    """Side B, as the address names it."""

    against: str = ""  # another corpus; empty: A with these changes
    set: tuple[str, ...] = ()  # rule.parameter=value, the value in TOML
    without: tuple[str, ...] = ()  # rules to leave out

    @property
    def nothing(self) -> bool:
        """Whether B is A without changes."""
        return not (self.against or self.set or self.without)


@dataclass(frozen=True, eq=False)
class Outcome:
    """The verdicts of two sides on the posts of A's corpus."""

    index: Index
    numbers: np.ndarray  # of the posts whose verdicts differ, in the corpus's order
    a: np.ndarray  # of each of them, the place of A's verdict in `verdicts`
    b: np.ndarray
    verdicts: tuple[str, ...]  # "kept" and the rules of both sides
    missing: np.ndarray  # posts that B's corpus lacks; no figure counts them
    left_out: int  # posts that only one of the two corpora has
    way: Way  # of B
    recalculated: tuple[str, ...]  # rules that were computed again for B
    rules: Sequence[Mapping[str, Any]]  # of B, as a manifest has them
    of_b: pa.Table | None  # `removed_by` and `duplicate_of` of B of each of them; None for another corpus
    exact: bool = True  # False: assumes that later rules give the same verdicts

    @property
    def nbytes(self) -> int:
        """Bytes of memory besides the index."""
        arrays = (self.numbers, self.a, self.b, self.missing)
        return sum(array.nbytes for array in arrays) + (self.of_b.nbytes if self.of_b is not None else 0)

    def which(self, way: str) -> np.ndarray:
        """The places in `numbers` of the posts that differ in this way."""
        kept = self.verdicts.index(KEPT)
        a, b = self.a == kept, self.b == kept
        return np.flatnonzero({LOST: a & ~b, GAINED: ~a & b, MOVED: ~a & ~b}[way])

    @property
    def total(self) -> ComparedPosts:
        """All posts."""
        return self.rows("verdict", whole=True)[0]

    def rows(self, facet: str, *, whole: bool = False) -> list[ComparedPosts]:
        """The posts by a facet: most changes first, but months and lengths in their order."""
        codes = self.index.facets[facet]
        there = np.ones(self.index.posts, dtype=bool)
        there[self.missing] = False
        kept = self.index.facets["verdict"].among([KEPT]) & there
        lost, gained = (self.numbers[self.which(way)] for way in (LOST, GAINED))
        counts = [np.bincount(codes.codes[those], minlength=len(codes.values)) for those in (there, kept, lost, gained)]
        if whole:
            counts = [np.array([count.sum()]) for count in counts]
        rows = [
            ComparedPosts(value, kept - lost, lost, gained, posts - kept - gained)
            for value, posts, kept, lost, gained in zip(
                ["total"] if whole else codes.values, *(count.tolist() for count in counts), strict=True
            )
            if posts or whole
        ]
        return ordered(facet, rows)

    def flows(self, way: str = "") -> list[tuple[str, str, int]]:
        """A's verdict, B's verdict and the number of posts with these two, most first; of one `way`, or of all."""
        places = self.which(way) if way else np.arange(len(self.numbers))
        pairs, posts = np.unique(np.stack([self.a[places], self.b[places]]), axis=1, return_counts=True)
        names = self.verdicts
        found = [(names[a], names[b], n) for a, b, n in zip(*pairs.tolist(), posts.tolist(), strict=True)]
        return sorted(found, key=lambda each: (-each[2], each[:2]))

    def drawn(self, way: str, author: str = "", verdicts: tuple[str, str] | None = None) -> np.ndarray:
        """The posts that differ in this way, as places in `numbers`, in random order with a fixed seed.

        `verdicts` limits them to those with these two of A and B.
        """
        places = self.which(way)
        if verdicts:
            a, b = map(self.verdicts.index, verdicts)
            places = places[(self.a[places] == a) & (self.b[places] == b)]
        if author:
            places = places[self.index.facets["author"].among([author])[self.numbers[places]]]
        # Multiplying by a large odd number scatters neighbours (Knuth's multiplicative hash).
        return places[np.argsort((self.numbers[places] * 2654435761) % 2**32, kind="stable")]


def ordered(facet: str, rows: list[ComparedPosts]) -> list[ComparedPosts]:
    """The rows in the order of the page."""
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


def seconds(snapshot: Snapshot, request: Request, book: RuleBook) -> float | None:
    """About how long computing B exactly takes, beyond an instant; None if only a run can. Raises `CurationError`."""
    if request.against or request.nothing:
        return 0.0
    case = approach(recipe_of(snapshot.corpus, book), changed_recipe(snapshot.corpus, request, book))
    if case.way is Way.NEEDS_RUN:
        return None
    return 0.0 if case.is_packed else case.microseconds * snapshot.manifest["counts"]["downloaded"] / 1_000_000


def text_of_b(snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook, name: str) -> str:
    """B as a recipe file called `name`, with the comments of the file that made A. Raises `CurationError`."""
    recipe = replace(changed_recipe(snapshot.corpus, request, book), name=name)
    rules = {rule.name: rule for rule in recipe.rules}
    changes = []
    for change in request.set:
        rule, _, key = change.partition("=")[0].partition(".")
        if rule in rules:
            changes.append((rule, key, rules[rule].values()[key]))
    return changed_text(text_of(snapshot.corpus, space, book), changes, request.without, recipe)


def outcome(
    snapshot: Snapshot,
    space: Workspace,
    request: Request,
    book: RuleBook,
    *,
    exact: bool = True,
    kept_only: bool = False,
) -> Outcome | None:
    """How B differs from A; None if only a whole run can compare. Raises `CurationError`, `ReplacedError`.

    With `exact=False` no rule is recalculated, and there is no outcome if that can tell nothing. With `kept_only`, only
    a cached one.
    """
    key = (snapshot.identity, "compared", request, state(space, request), exact)
    kept: Outcome | None = snapshot.answers.get(key)
    if kept is None and not kept_only:
        kept = _against(snapshot, space, request) if request.against else _changed(snapshot, request, book, exact=exact)
        if kept is None:
            return None
        snapshot.answers.put(key, kept, kept.nbytes + 10_000)
    return kept


def key_of(what: str, snapshot: Snapshot, space: Workspace, request: Request) -> str:
    """The key of a computation of this comparison."""
    return f"compare:{what}:{snapshot.identity}:{request!r}:{state(space, request)}"


def state(space: Workspace, request: Request) -> tuple[str, ...]:
    """A key of the state of B's corpus; empty where B is A with changes."""
    return Snapshot(Corpus.open(space, request.against)).identity if request.against else ()


def _changed(snapshot: Snapshot, request: Request, book: RuleBook, *, exact: bool = True) -> Outcome | None:
    return judged(snapshot, changed_recipe(snapshot.corpus, request, book), book, exact=exact)


def judged(snapshot: Snapshot, recipe: Recipe, book: RuleBook, *, exact: bool = True) -> Outcome | None:
    """How a recipe differs from A; None if only a whole run can tell. Raises `CurationError`."""
    cache = verdict_cache(snapshot)
    try:
        [verdicts] = snapshot.ask(lambda corpus: judge_each([recipe], corpus, book=book, cache=cache, exact=exact))
    except duckdb.Error:
        compile_recipe(recipe)  # raises a clear error for a mistake in a user's own condition
        raise
    if verdicts is None:
        return None
    facet_index = index(snapshot, facets(snapshot.manifest))
    changes = NO_CHANGES if verdicts.changes is None else verdicts.changes
    numbers = facet_index.begins[changes["part"].to_numpy()] + changes["row"].to_numpy()
    current = facet_index.facets["verdict"]
    names = tuple(dict.fromkeys([KEPT, *current.values, *(rule.name for rule in recipe.rules), BY_HAND]))
    places = {name: place for place, name in enumerate(names)}
    a = np.array([places[name] for name in current.values], dtype=np.int16)[current.codes[numbers]]
    named = changes["removed_by"].combine_chunks().dictionary_encode()
    of_b = np.array([*(places[str(name)] for name in named.dictionary), places[KEPT]], dtype=np.int16)
    b = of_b[named.indices.fill_null(len(of_b) - 1).to_numpy(zero_copy_only=False)]
    differs = np.flatnonzero(a != b)
    rules = recipe.to_json()["rules"]
    nothing = np.zeros(0, dtype=np.int64)
    return Outcome(
        facet_index, numbers[differs], a[differs], b[differs], names, nothing, 0, verdicts.way, verdicts.recalculated,
        rules, changes.select(["removed_by", "duplicate_of"]).take(differs), verdicts.exact,
    )  # fmt: skip


def _against(snapshot: Snapshot, space: Workspace, request: Request) -> Outcome:
    other = Corpus.open(space, request.against)
    try:
        pair = snapshot.ask(lambda corpus: PairedPosts.of(*(Side(c.recipe, Verdicts(c)) for c in (corpus, other))))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WorkspaceError(f"The corpus '{request.against}' can't be read just now. Look again.") from error
    facet_index = index(snapshot, facets(snapshot.manifest))
    changes = pair.changes
    numbers = facet_index.begins[changes["part"].to_numpy()] + changes["row"].to_numpy()
    there = changes["there"].to_numpy(zero_copy_only=False) if len(numbers) else np.zeros(0, dtype=bool)
    names = tuple(dict.fromkeys([KEPT, *snapshot.corpus.removing_rules, *other.removing_rules]))
    places = {name: place for place, name in enumerate(names)}
    a, b = (
        np.array([places.get(str(name), 0) for name in changes[side].cast(pa.string()).to_pylist()], dtype=np.int16)
        for side in ("a", "b")
    )
    differs = np.flatnonzero((a != b) & there)
    return Outcome(
        facet_index, numbers[differs], a[differs], b[differs], names, numbers[~there], pair.left_out, Way.CURRENT, (),
        other.rules, None,
    )  # fmt: skip


def verdict_cache(snapshot: Snapshot) -> VerdictCache:
    """The cache for judging the corpus; the first judgement fills it."""
    # A dedup later adds about a byte a post.
    return snapshot.keep("verdicts", VerdictCache, size=4 * snapshot.manifest["counts"]["downloaded"])


def prepare(snapshot: Snapshot, book: RuleBook) -> None:
    """Fill the cache, so that the first change is as fast as later ones."""
    request = Request(without=tuple(rule["name"] for rule in snapshot.corpus.rules if rule["kind"] == "filter")[:1])

    def make() -> bool:
        index(snapshot, facets(snapshot.manifest))
        # Without a rule before the dedups, these are recalculated; other kinds of rules need no cache.
        if request.without:
            changed = changed_recipe(snapshot.corpus, request, book)
            if approach(recipe_of(snapshot.corpus, book), changed).is_packed:
                _changed(snapshot, request, book)
        return True

    snapshot.keep("verdicts are cached", make)


def shown(
    snapshot: Snapshot, space: Workspace, outcome: Outcome, request: Request, places: Sequence[int]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Posts that differ, in A's form and in B's, with the columns of a sample."""
    numbers = outcome.numbers[list(places)]
    measured = [column for rule in snapshot.corpus.rules for column in rule["columns"]]
    posts = at_places(snapshot, outcome.index.places(numbers), only=[*SHOWN, *measured])
    if outcome.of_b is not None:
        verdicts = outcome.of_b.take(list(places)).to_pylist()
        return [(post, {**post, **verdict}) for post, verdict in zip(posts, verdicts, strict=True)]
    other = Snapshot(Corpus.open(space, request.against), snapshot.answers)
    frame = other.query("SELECT * FROM posts WHERE list_contains(?, id)", [[post["id"] for post in posts]])
    others = {(post["platform"], post["id"]): post for post in frame.to_dicts()}
    return [(post, others.get((post["platform"], post["id"]), post)) for post in posts]


def whole_comparison(
    snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook, *, kept_only: bool = False
) -> Comparison | None:
    """The library's whole comparison, by a temporary run if needed; with `kept_only`, only a cached one.

    Raises `CurationError`.
    """
    key = (snapshot.identity, "worked out", request, state(space, request))
    result: Comparison | None = snapshot.answers.get(key)
    if result is None and not kept_only:
        options = CompareOptions(request.set, request.without, samples=DRAWN)
        result = compare(space, snapshot.corpus.recipe, request.against or None, options, book=book)
        rows = sum(map(len, result.tables.values()))
        snapshot.answers.put(key, result, 300 * rows + sum(4_000 + 4 * len(post.text) for post in result.changed))
    return result


def evaluation(
    snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook, *, kept_only: bool = False
) -> Evaluation | None:
    """The n-gram evaluation of A and B; with `kept_only`, only a cached one. Raises `CurationError`."""
    key = (snapshot.identity, "evaluated", request, state(space, request))
    result = snapshot.answers.get(key)
    if result is None and not kept_only:
        names = [snapshot.corpus.recipe, *([request.against] if request.against else [])]
        result = evaluate(space, variants(space, names, changes=request.set, without=request.without, book=book))
        snapshot.answers.put(key, result, 10_000)
    return result


def command(recipe: str, request: Request, data: Sequence[str], *, verb: str = "compare") -> str:
    """The command line for the same."""
    words = ["curation", verb, recipe, *([request.against] if request.against else [])]
    words += [word for change in request.set for word in ("--set", change)]
    words += [word for rule in request.without for word in ("--without", rule)]
    return shlex.join([*words, *data])
