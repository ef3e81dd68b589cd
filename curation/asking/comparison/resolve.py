"""The two sides of a comparison by name, and their verdicts over the same posts.

A side is, in this order: the corpus of that name; a judgement on the other side's corpus, or on another current corpus
of the workspace; a whole run, into a folder that is removed afterwards. Each side has its provenance.

Corpora of different landings have different posts. Then the posts that have landed now are compared, and an outdated
side is resolved again in the same way. Two corpora of the same landings are compared as they are, however old.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.asking.approach import Way
from curation.asking.comparison.result import Provenance
from curation.asking.judge import judge, run_aside
from curation.asking.variants import without as without_rule
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus, placed
from curation.corpus.curate import basis_of, standing
from curation.corpus.run_context import RunContext
from curation.corpus.selection import KEPT
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError, UsageError, did_you_mean
from curation.recipes.recipe import Recipe, as_run, shipped
from curation.recipes.recipe_files import recipe_files
from curation.rules import RuleBook
from curation.sql import literal

#: The columns of a post's place; a user's rule may have these names too.
PLACE = ("part", "row")


@dataclass(frozen=True)
class SideRequest:
    """One side by name: a corpus, or a recipe."""

    name: str
    corpus: Corpus | None  # None: a recipe, which must be resolved
    changed: Recipe | None = None  # None: that of the corpus
    book: RuleBook = field(default_factory=RuleBook, repr=False)

    @property
    def recipe(self) -> Recipe:
        """The recipe; for a corpus, the one that made it. Raises `RecipeError`."""
        if self.changed:
            return self.changed
        assert self.corpus is not None
        return Recipe.of_manifest(self.corpus.manifest, book=self.book)


def request_sides(
    space: Workspace,
    a: str | Path,
    b: str | Path | None = None,
    *,
    changes: Sequence[str] = (),
    without: Sequence[str] = (),
    book: RuleBook | None = None,
) -> tuple[SideRequest, SideRequest]:
    """The sides that two names mean; `changes` (`rule.parameter=value`) and left-out rules (`without`) change B.

    A name means a corpus first, then a shipped recipe or a TOML file. Without `b`, B is A with the changes.
    Raises `UsageError`, `RecipeError`.
    """
    book = book or RuleBook.load()
    if b is None and not changes and not without:
        raise UsageError(
            f"Nothing to compare '{a}' with. Name a second recipe, or change the first one: "
            "--set min_words.min=5, or --without RULE."
        )
    return _request(space, str(a), book), _request(space, str(a if b is None else b), book, changes, without)


def _request(
    space: Workspace, name: str, book: RuleBook, changes: Sequence[str] = (), without: Sequence[str] = ()
) -> SideRequest:
    corpora = space.recipes_run()
    if name in corpora:
        corpus = Corpus.open(space, name)
        if not changes and not without:
            return SideRequest(name, corpus, book=book)
        recipe = Recipe.of_manifest(corpus.manifest, book=book, changes=changes)
    else:
        own = recipe_files(space)
        if not name.endswith(".toml") and name not in {*shipped(), *own} and not Path(name).is_file():
            raise RecipeError(
                f"There is no corpus and no recipe '{name}' in {space.root}, no shipped one and no file of that name."
                f"{did_you_mean(name, {*corpora, *shipped(), *own})}"
            )
        recipe = Recipe.load(name, book=book, changes=tuple(changes), folder=space.recipes)
        name = recipe.name
    for rule in without:
        names = [each.name for each in recipe.rules]
        if rule not in names:
            raise RecipeError(f"--without {rule}: the recipe has no rule '{rule}'.{did_you_mean(rule, names)}")
        recipe = without_rule(recipe, rule)
    compile_recipe(recipe)  # a wrong rule is an error before any corpus is read
    words = [*(change.strip() for change in changes), *(f"no {rule}" for rule in without)]
    return SideRequest(f"{name} with {', '.join(words)}" if words else name, None, recipe, book)


@dataclass(frozen=True, eq=False)
class Side:
    """The verdicts of a recipe on the posts of a corpus, with the name of the side."""

    name: str
    verdicts: Verdicts

    @property
    def corpus(self) -> Corpus:
        """The corpus with the posts and their texts."""
        return self.verdicts.corpus

    @property
    def changes(self) -> pa.Table | None:
        """The posts with another verdict than in the corpus, as in `Verdicts`; None: there are none."""
        return self.verdicts.changes

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that remove posts, in recipe order."""
        return self.verdicts.removing_rules

    @property
    def posts(self) -> str:
        """SQL: the corpus's posts with their places, `part` and `row`."""
        posts = placed(self.corpus.folder, self.corpus.manifest["files"])
        measured = {column for rule in self.corpus.rules for column in rule["columns"]}
        taken = ", ".join(name for name in PLACE if name in measured)
        others = ", ".join(["_part", "_row", *([taken] if taken else [])])
        return f"SELECT * EXCLUDE ({others}), _part AS part, _row AS row FROM ({posts})"

    def posts_with_verdict(self, changes: str) -> str:
        """SQL: posts with `current`, the corpus's verdict, and `verdict`, this side's: "kept" or a rule.

        `changes` is the name of the registered table of the same name.
        """
        own = f"coalesce(posts.removed_by, {literal(KEPT)})"
        columns = f"posts.platform, posts.id, posts.author, posts.text, posts.is_reply, part, row, {own} AS current"
        if self.changes is None:
            return f"SELECT {columns}, {own} AS verdict FROM ({self.posts}) AS posts"
        verdict = f"CASE WHEN changes.is_there THEN coalesce(changes.removed_by, {literal(KEPT)}) ELSE {own} END"
        return (
            f"SELECT {columns}, {verdict} AS verdict FROM ({self.posts}) AS posts "
            f"LEFT JOIN (SELECT part, row, removed_by, true AS is_there FROM {changes}) AS changes USING (part, row)"
        )

    def same_place(self, other: Side) -> bool:
        """Whether both read the same files."""
        files, others = (side.corpus.manifest["files"] for side in (self, other))
        return self.corpus.folder == other.corpus.folder and bool(files == others)

    @property
    def provenance(self) -> Provenance:
        """Where the verdicts come from."""
        verdicts, manifest = self.verdicts, self.corpus.manifest["recipe"]
        recipe, way = verdicts.recipe, verdicts.way
        of = None if way is Way.RUN else self.corpus.recipe
        words = {
            Way.CURRENT: f"the corpus '{of}' as it stands",
            Way.QUERIED: f"computed from the columns of the corpus '{of}'",
            Way.RECALCULATED: f"computed from the corpus '{of}'; recalculated: {', '.join(verdicts.recalculated)}",
            Way.RUN: "a whole run, not kept",
        }[way]
        name, fingerprint = (recipe.name, recipe.fingerprint) if recipe else (manifest["name"], manifest["fingerprint"])
        return Provenance(self.name, name, fingerprint, way, verdicts.recalculated, of, words)


@contextlib.contextmanager
def resolve_sides(
    space: Workspace,
    a: SideRequest,
    b: SideRequest,
    *,
    book: RuleBook,
    context: RunContext | None = None,
    spill: Path | None = None,
) -> Iterator[tuple[Side, Side, list[str]]]:
    """The two sides, and notes for the reader. The files of a run are removed at the end.

    Judging a corpus spills into the folder `spill`.
    Raises `RecipeError`, `NothingToDoError` if nothing has landed, `WorkspaceError`.
    """
    resolver = _Resolver(space, book, context or RunContext(), spill, basis_of(space.landings()))
    notes: list[str] = []
    sides = {0: a, 1: b}
    resolved = {place: Side(side.name, Verdicts(side.corpus)) for place, side in sides.items() if side.corpus}
    old = {place for place, side in resolved.items() if _inputs(side.corpus) != resolver.today["inputs"]}
    with contextlib.ExitStack() as stack:
        if len(resolved) == 2:
            one_time = _inputs(resolved[0].corpus) == _inputs(resolved[1].corpus)
        else:  # an old corpus is enough if the other side can be resolved without a run
            for place, settled in list(resolved.items()):
                other = resolver.without_run(sides[1 - place], [settled.corpus], today=False)
                if other:
                    resolved[1 - place] = other
            one_time = len(resolved) == 2
        if old and one_time:
            names = " and ".join(f"'{sides[place].name}'" for place in sorted(old))
            notes.append(
                f"{names}: the landings have changed since the corpus was made; it is compared as it stands. "
                "Bring it up to date with: curation run"
            )
        elif old:
            for place in sorted(old):
                notes.append(
                    f"The corpus '{sides[place].name}' was made of other landings; what has landed by now is compared, "
                    "and its recipe was asked of that."
                )
                del resolved[place]
        for place, side in sides.items():
            if place not in resolved:
                others = [each.corpus for each in resolved.values()]
                resolved[place] = resolver.without_run(side, others) or resolver.run(side, stack)
        if _versions(resolved[0].corpus) != _versions(resolved[1].corpus):
            notes.append(
                "The two sides were made with different versions of packages, which may change a verdict too: "
                + _differing(_versions(resolved[0].corpus), _versions(resolved[1].corpus))
            )
        if _pins(resolved[0].corpus) != _pins(resolved[1].corpus):
            notes.append(
                "The two sides have different decisions by hand, and may differ on these posts for that alone. Apply "
                "the same to both with: curation run RECIPE --pins-only"
            )
        yield resolved[0], resolved[1], notes


@dataclass(frozen=True)
class _Resolver:
    """Resolves sides."""

    space: Workspace
    book: RuleBook
    context: RunContext
    spill: Path | None
    today: dict[str, Any]  # the basis of a corpus that is made now

    def without_run(self, side: SideRequest, others: Iterable[Corpus], *, today: bool = True) -> Side | None:
        """A side from its recipe's corpus, or by judging one of the `others`, or with `today` any current corpus."""
        others = list(others)
        inputs = self.today["inputs"] if today else _inputs(others[0])
        basis = {"inputs": inputs, "versions": self.today["versions"]}
        folders = [self.space.curated / name for name in self.space.recipes_run()]
        current = [Corpus(folder, manifest) for folder in folders if (manifest := standing(folder, basis))]
        recipe = side.recipe
        for corpus in current:
            if same := as_run(corpus.manifest, recipe):
                return Side(side.name, Verdicts(corpus, same))
        for corpus in [*others, *current]:
            with contextlib.suppress(RecipeError):  # a corpus with an unknown rule can't be judged
                verdicts = judge(recipe, corpus, book=self.book, memory=self.context.memory, spill=self.spill)
                # Otherwise a run has replaced it meanwhile.
                if verdicts and verdicts.corpus.manifest["files"] == corpus.manifest["files"]:
                    return Side(side.name, verdicts)
        return None

    def run(self, side: SideRequest, stack: contextlib.ExitStack) -> Side:
        """A side by a whole run."""
        staging = stack.enter_context(self.space.staging("compare"))
        return Side(side.name, run_aside(side.recipe, self.space, staging, self.context))


def _inputs(corpus: Corpus) -> list[dict[str, Any]]:
    return corpus.manifest.get("inputs") or []


def _versions(corpus: Corpus) -> dict[str, str]:
    return corpus.manifest.get("versions") or {}


def _pins(corpus: Corpus) -> str | None:
    """The digest of the pins that are applied in a corpus; None: there are none."""
    return corpus.pins["digest"] if corpus.pins else None


def _differing(one: dict[str, str], other: dict[str, str]) -> str:
    names = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return ", ".join(f"{name} {one.get(name, '?')} and {other.get(name, '?')}" for name in names) + "."
