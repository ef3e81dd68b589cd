"""Curating: what has landed, through a recipe, into a corpus."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from curation import versions
from curation.corpus.corpus import Corpus
from curation.corpus.pins.applying import pending
from curation.corpus.pins.deciding import complete_manifest, now, redecide, with_pins
from curation.corpus.pins.pin_file import Pins, pins_of
from curation.corpus.rejudging import rejudge
from curation.corpus.run_context import RunContext
from curation.corpus.superseded import superseded_rows
from curation.disk.damage import missing_of_corpus
from curation.disk.landings import cut_off, landed_files, originals
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.reading import while_they_stand
from curation.disk.whole_files import restore_replaced, swap_in, writing
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.errors import NothingToDoError, RecipeError, WorkspaceError
from curation.recipes.plan import CARRIED
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.functions.memo import Memo
    from curation.recipes.plan import Plan


@dataclass(frozen=True)
class Run:
    """What a run did."""

    corpus: Corpus
    status: str  # "complete", or "unchanged": the corpus was up to date
    rejudged: bool = False  # whether the corpus was made out of the one before, since only conditions changed
    pins_only: bool = False  # whether only pins had changed, so that nothing was run
    url: str = ""  # where the corpus lies, if that is in an object store

    def to_json(self) -> dict[str, Any]:
        """For `curation run --json`."""
        manifest = self.corpus.manifest
        return {
            "schema": 1,
            "recipe": self.corpus.recipe,
            "fingerprint": manifest["recipe"]["fingerprint"],
            "status": self.status,
            "rejudged": self.rejudged,
            "counts": manifest["counts"],
            "pins": {**self.corpus.pins, "only": self.pins_only} if self.corpus.pins else None,
            "folder": self.url or str(self.corpus.folder),
        }


def curate(
    data: Workspace | Path | str,
    recipe: Recipe,
    *,
    context: RunContext | None = None,
    again: bool = False,
    pins: bool = True,
    publish: Callable[[Path], object] = lambda corpus: None,
) -> Run:
    """Curate what has landed in a workspace, and apply its pins unless `pins` is false.

    The corpus replaces the recipe's older one in one step when it is complete. Where little but thresholds has changed
    since, it is made out of that one (see `curation.corpus.rejudging`); where only pins have, nothing is run. When
    nothing has landed since, and recipe, packages and pins are the same, there is nothing to do, unless the whole shall
    be done `again`. `publish` is given the folder of the finished corpus before that, and may refuse it.
    Raises `RecipeError`, `NothingToDoError` when nothing has landed, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    context = context or RunContext()
    compile_recipe(recipe)  # says what is wrong before anything is looked at
    _require_landings(space)
    purpose, shared = f"run-{recipe.name}", context.engine.shared
    with space.lock(purpose, context.on_notice):
        space.sweep()  # also where there is nothing else to do: the last run may have been killed after its end
        folder = space.curated / recipe.name

        def work(landings: list[Path]) -> tuple[str, str]:
            complete = over(landings, recipe)
            basis = {"recipe": complete.to_json(), **basis_of(landings)}
            decisions = pins_of(space) if pins else Pins()
            if not again and (manifest := standing(folder, basis)):
                space.discard(purpose)
                decided = redecide(space, Corpus(folder, manifest), decisions)
                return ("complete", "pins") if decided else ("unchanged", "")
            judged = None if again else _judged(folder, basis, complete)
            with space.resumable(purpose) if shared else space.staging(purpose) as staging, writing(folder):
                memo = context.memo(space)
                if judged:
                    plan, files = judged
                    parts = context.engine.run(plan, files, staging, memo=memo, progress=context.on_progress)
                else:
                    parts = _run_whole(context, memo, complete, landings, staging)
                corpus = _put_together(parts, staging, basis, decisions)
                publish(corpus)
                swap_in(corpus, folder)
            if not shared:
                space.discard(purpose)  # an unfinished run on a cluster would make the same
            return "complete", "rejudged" if judged else ""

        # What landed while this run was waiting is curated too.
        status, way = while_they_stand(space, work)
    return Run(Corpus.open(space, recipe.name), status, rejudged=way == "rejudged", pins_only=way == "pins")


def curate_aside(
    space: Workspace,
    recipe: Recipe,
    folder: Path,
    *,
    left_out: Path | None = None,
    pins: Pins | None = None,
    context: RunContext | None = None,
) -> Corpus:
    """Curate what has landed into `folder`, such as one of `Workspace.staging`; the workspace's corpora stay.

    The whole is run. The corpus lies in a folder of its own under `folder`, which the caller removes. `left_out` is a
    Parquet file with the columns `platform` and `id`: the run is as if these posts had never landed. Only the given
    `pins` are applied.
    Raises `RecipeError`, `NothingToDoError` when nothing has landed, `WorkspaceError`.
    """
    context = context or RunContext()
    compile_recipe(recipe)
    _require_landings(space)

    def work(landings: list[Path]) -> Corpus:
        complete = over(landings, recipe)
        place = folder / uuid.uuid4().hex[:12]
        with writing(folder):
            place.mkdir()
            parts = _run_whole(context, context.memo(space), complete, landings, place, left_out)
            basis = {"recipe": complete.to_json(), **basis_of(landings)}
            corpus = _put_together(parts, place, basis, pins or Pins())
        return Corpus(corpus, read_manifest(corpus))

    return while_they_stand(space, work)


def _run_whole(
    context: RunContext,
    memo: Memo | None,
    recipe: Recipe,
    landings: list[Path],
    into: Path,
    left_out: Path | None = None,
) -> list[Path]:
    """Run a recipe over landings; gives the parts of the corpus."""
    files = landed_files(landings)
    superseded = superseded_rows(context.engine, landings, files, into, left_out)
    plan = compile_recipe(recipe)
    return context.engine.run(plan, files, into, superseded=superseded, memo=memo, progress=context.on_progress)


def over(landings: list[Path], recipe: Recipe) -> Recipe:
    """A recipe as it runs over what has landed: where edited posts are among it, their earlier versions go first."""
    edited = any(read_manifest(folder)["counts"].get("edited") for folder in landings)
    return recipe.over_edits() if edited else recipe


def basis_of(landings: list[Path]) -> dict[str, Any]:
    """What a corpus of these landings rests on besides its recipe, as in its manifest."""
    return {"inputs": _inputs(landings), "versions": versions.of_packages(), "carried": list(CARRIED)}


def _require_landings(space: Workspace) -> None:
    if not space.landings():
        raise NothingToDoError(
            f"Nothing has landed in {space.root} yet. Begin with: curation collect x-archive twitter-archive.zip"
        )


def _judged(folder: Path, basis: dict[str, Any], recipe: Recipe) -> tuple[Plan, list[Path]] | None:
    """How to make the new corpus out of the files of the one before; None when that can't be."""
    old = standing(folder, {key: value for key, value in basis.items() if key != "recipe"})
    if old is None:
        return None
    before = {rule["name"]: rule["columns"] for rule in old["recipe"]["rules"]}
    if any(list(rule.adds()) != before.get(rule.name) for rule in recipe.rules):
        return None  # its rules have other columns now, or are others
    book = RuleBook.load()
    book = RuleBook(book.rules | {rule.use: type(rule) for rule in recipe.rules})
    try:
        plan = rejudge(Recipe.of_manifest(old, book=book), recipe)
    except RecipeError:
        return None
    return (plan, [folder / name for name in old["files"]]) if plan else None


def _put_together(parts: list[Path], staging: Path, basis: dict[str, Any], pins: Pins) -> Path:
    """Make a corpus of its parts, with pins; gives its folder."""
    # Each run gives its files other names: a reader that holds the old list finds them gone, never changed.
    if all(part.parent != staging for part in parts):
        corpus = parts[0].parent  # where workers on other machines wrote them, under such names
        names = [part.name for part in parts]
    else:
        corpus = staging / "corpus"
        names = _moved(parts, corpus)
    manifest = {"schema": 1, "created_at": now(), **basis, "counts": {}, "files": names}
    if pins.pins and (changes := pending([corpus / name for name in names], pins)):
        return with_pins(Corpus(corpus, manifest), changes, staging)
    complete_manifest(corpus, manifest, pinned=False)
    return corpus


def _moved(parts: list[Path], corpus: Path) -> list[str]:
    """Move parts into the folder of a corpus, but for those without a row; gives their new names."""
    corpus.mkdir()
    name = uuid.uuid4().hex[:8]
    names: list[str] = []
    for index, part in enumerate(parts):
        if pq.read_metadata(part).num_rows or index == 0:
            names.append(f"part-{name}-{len(names):05d}.parquet")
            part.rename(corpus / names[-1])
    return names


def _inputs(landings: list[Path]) -> list[dict[str, Any]]:
    """The landings by their own names, in their order: that several lie in one folder now changes nothing."""
    return [
        {
            "landing": manifest["landing"],
            "source": manifest["source"],
            "target": manifest["target"],
            "posts": manifest["counts"]["rows"],
        }
        for manifest in sorted(
            (manifest for folder in landings for manifest in originals(folder)),
            key=lambda manifest: manifest["landing"],
        )
    ]


def standing(folder: Path, basis: dict[str, Any]) -> dict[str, Any] | None:
    """The manifest of a corpus that is whole and rests on this `basis`; None when there is none."""
    restore_replaced(folder.parent)
    if not (folder / MANIFEST).is_file():
        return None
    try:
        manifest = read_manifest(folder)
    except WorkspaceError:
        return None
    same = all(manifest.get(key) == value for key, value in basis.items()) and not missing_of_corpus(manifest)
    return manifest if same and not any(cut_off(folder / name) for name in manifest["files"]) else None
