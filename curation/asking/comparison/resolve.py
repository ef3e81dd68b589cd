"""How the two sides of a comparison are found, both over the same posts.

In this order: a corpus that stands; a trial on the other side's corpus, or on another corpus of the workspace that is
up to date; a whole run, into a folder that is gone afterwards. Each side says how it was found.

Corpora of different landings hold different posts. Then what has landed by now is compared, and the side that is out
of date is found anew in the same way. When both are of the same landings, they are compared as they are, however old.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.asking.comparison.result import Found
from curation.asking.trial import DONE_AGAIN, QUERIED, STANDS, try_recipe
from curation.corpus.corpus import Corpus
from curation.corpus.curate import basis_of, curate_aside, standing
from curation.corpus.row_location import placed
from curation.corpus.selection import KEPT
from curation.engines.table import MEMORY
from curation.errors import RecipeError
from curation.functions.memo import DEFAULT_LIMIT
from curation.recipes.recipe import Recipe, as_run
from curation.sql import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.asking.comparison.request import Asked
    from curation.asking.trial import Trial
    from curation.disk.workspace import Workspace
    from curation.engines.local import LocalEngine
    from curation.rules import RuleBook

#: How a side was found, besides how a trial is answered: by a whole run.
RUN = "run"

#: What a post's place is called, and a column of a user's rule may be.
PLACE = ("part", "row")


@dataclass(frozen=True, eq=False)
class Side:
    """What one recipe says of the posts of a corpus."""

    name: str  # what it is called
    corpus: Corpus  # where its posts and their texts are
    verdicts: pa.Table | None = None  # of a trial on that corpus: part, row, removed_by; of all posts, or of those
    # alone of which the corpus says something else. None: the corpus's own
    how: str = STANDS  # "stands", "queried", "done again" (see `curation.asking.trial`) or "run"
    again: tuple[str, ...] = ()  # rules that were done again
    recipe: Recipe | None = None  # None: that of the corpus

    @classmethod
    def of_trial(cls, name: str, corpus: Corpus, trial: Trial) -> Side:
        """The side that a trial on a corpus gives."""
        verdicts = None if trial.how == STANDS else trial.verdicts.select(["part", "row", "removed_by"])
        return cls(name, corpus, verdicts, trial.how, trial.again, trial.recipe)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that remove posts, in recipe order."""
        if self.recipe:
            return tuple(rule.name for rule in self.recipe.rules if rule.kind != "transform")
        return tuple(self.corpus.removing_rules)

    @property
    def posts(self) -> str:
        """SQL: the corpus's posts with `part` and `row`, the place of each."""
        posts = placed(self.corpus.folder, self.corpus.manifest["files"])
        measured = {column for rule in self.corpus.rules for column in rule["columns"]}
        taken = ", ".join(name for name in PLACE if name in measured)
        others = ", ".join(["_part", "_row", *([taken] if taken else [])])
        return f"SELECT * EXCLUDE ({others}), _part AS part, _row AS row FROM ({posts})"

    def judged(self, verdicts: str) -> str:
        """SQL: posts with `stood`, the corpus's verdict, and `verdict`, that of this side: "kept" or a rule.

        `verdicts` is the name under which the table of that name is registered.
        """
        own = f"coalesce(posts.removed_by, {literal(KEPT)})"
        columns = f"posts.platform, posts.id, posts.author, posts.text, posts.is_reply, part, row, {own} AS stood"
        if self.verdicts is None:
            return f"SELECT {columns}, {own} AS verdict FROM ({self.posts}) AS posts"
        tried = f"CASE WHEN told.told THEN coalesce(told.removed_by, {literal(KEPT)}) ELSE {own} END"
        return (
            f"SELECT {columns}, {tried} AS verdict FROM ({self.posts}) AS posts "
            f"LEFT JOIN (SELECT part, row, removed_by, true AS told FROM {verdicts}) AS told USING (part, row)"
        )

    def same_place(self, other: Side) -> bool:
        """Whether both read the same files."""
        return self.corpus.folder == other.corpus.folder and self._files == other._files

    @property
    def _files(self) -> list[str]:
        return self.corpus.manifest["files"]

    @property
    def found(self) -> Found:
        """How it was found."""
        manifest = self.corpus.manifest["recipe"]
        known = (
            (self.recipe.name, self.recipe.fingerprint) if self.recipe else (manifest["name"], manifest["fingerprint"])
        )
        of = None if self.how == RUN else self.corpus.recipe
        words = {
            STANDS: f"the corpus '{of}' as it stands",
            QUERIED: f"asked of the corpus '{of}', whose columns tell",
            DONE_AGAIN: f"asked of the corpus '{of}'; done again: {', '.join(self.again)}",
            RUN: "a whole run, which is kept nowhere",
        }
        return Found(self.name, *known, self.how, self.again, of, words[self.how])


@dataclass(frozen=True)
class Means:
    """What finding a side may use."""

    engine: LocalEngine | None = None  # for whole runs
    memory: int = MEMORY  # bytes, for trials
    memo_limit: int = DEFAULT_LIMIT  # bytes, see `curate`
    spill: Path | None = None  # where trials spill
    progress: Callable[[int, int], None] | None = None
    waiting: Callable[[str], None] | None = None


@contextlib.contextmanager
def found(
    space: Workspace, a: Asked, b: Asked, *, book: RuleBook, means: Means | None = None
) -> Iterator[tuple[Side, Side, list[str]]]:
    """The two sides, and notes on what a reader should know; what they rest on is there until the end.

    Raises `RecipeError`, `NothingToDoError` when nothing has landed, `WorkspaceError`.
    """
    finder = _Finder(space, book, means or Means(), basis_of(space.landings()))
    notes: list[str] = []
    sides = {0: a, 1: b}
    stand = {place: Side(asked.name, asked.corpus) for place, asked in sides.items() if asked.corpus}
    old = {place for place, side in stand.items() if not finder.is_of_today(side.corpus)}
    with contextlib.ExitStack() as stack:
        if len(stand) == 2:
            one_time = _inputs(stand[0].corpus) == _inputs(stand[1].corpus)
        else:  # an old corpus will do if the other side can be found without a run
            for place, side in list(stand.items()):
                other = finder.without_run(sides[1 - place], [side.corpus], today=False)
                if other:
                    stand[1 - place] = other
            one_time = len(stand) == 2
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
                del stand[place]
        for place, asked in sides.items():
            if place not in stand:
                others = [side.corpus for side in stand.values()]
                stand[place] = finder.without_run(asked, others) or finder.run(asked, stack)
        if _versions(stand[0].corpus) != _versions(stand[1].corpus):
            notes.append(
                "The two sides were made with different versions of packages, which may change a verdict too: "
                + _differing(_versions(stand[0].corpus), _versions(stand[1].corpus))
            )
        yield stand[0], stand[1], notes


@dataclass(frozen=True)
class _Finder:
    """Finds sides."""

    space: Workspace
    book: RuleBook
    means: Means
    today: dict[str, Any]  # what a corpus rests on that is made now

    def is_of_today(self, corpus: Corpus) -> bool:
        """Whether a corpus holds what has landed by now."""
        return _inputs(corpus) == self.today["inputs"]

    def without_run(self, asked: Asked, others: Iterable[Corpus], *, today: bool = True) -> Side | None:
        """A side as it stands, or by a trial on one of the `others` or, if it is of `today`, on any corpus."""
        others = list(others)
        inputs = self.today["inputs"] if today else _inputs(others[0])
        basis = {"inputs": inputs, "versions": self.today["versions"]}
        current = list(self._corpora(basis))
        recipe = asked.recipe
        for corpus in current:
            if same := as_run(corpus.manifest, recipe):
                return Side(asked.name, corpus, recipe=same)
        for corpus in [*others, *current]:
            if side := self._tried(asked.name, corpus, recipe):
                return side
        return None

    def run(self, asked: Asked, stack: contextlib.ExitStack) -> Side:
        """A side by a whole run."""
        staging = stack.enter_context(self.space.staging("compare"))
        means = self.means
        corpus = curate_aside(
            self.space, asked.recipe, staging, engine=means.engine, memo_limit=means.memo_limit,
            progress=means.progress, waiting=means.waiting,
        )  # fmt: skip
        return Side(asked.name, corpus, how=RUN, recipe=as_run(corpus.manifest, asked.recipe))

    def _corpora(self, basis: dict[str, Any]) -> Iterator[Corpus]:
        for name in self.space.recipes_run():
            if manifest := standing(self.space.curated / name, basis):
                yield Corpus(self.space.curated / name, manifest)

    def _tried(self, name: str, corpus: Corpus, recipe: Recipe) -> Side | None:
        with contextlib.suppress(RecipeError):  # a corpus of rules that nobody has named says nothing
            trial = try_recipe(corpus, recipe, book=self.book, memory=self.means.memory, spill=self.means.spill)
            if trial and trial.files == tuple(corpus.manifest["files"]):  # else a run has replaced it meanwhile
                return Side.of_trial(name, corpus, trial)
        return None


def _inputs(corpus: Corpus) -> list[dict[str, Any]]:
    return corpus.manifest.get("inputs") or []


def _versions(corpus: Corpus) -> dict[str, str]:
    return corpus.manifest.get("versions") or {}


def _differing(one: dict[str, str], other: dict[str, str]) -> str:
    names = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return ", ".join(f"{name} {one.get(name, '?')} and {other.get(name, '?')}" for name in names) + "."
