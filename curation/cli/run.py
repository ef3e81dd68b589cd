"""`curation run`: curates the landed posts with a recipe."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, Set, data_option, load_rules, size
from curation.cli.record_options import in_order, record_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.disk.objects import ObjectFolder, is_object_url
from curation.errors import UsageError
from curation.options.cluster import ClusterOptions
from curation.options.commands import EngineOptions, RunOptions, TrackOptions
from curation.recipes.verdict import KEPT_BY_HAND, LABELS

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus
    from curation.corpus.curate import Run
    from curation.corpus.run_context import RunContext
    from curation.recipes.recipe import Recipe
    from curation.rules import RuleBook

#: Share of an author's posts above which a removing rule gets a note.
MOST = 0.5

#: The options in its record.
RECORDED = RecordedOptions(
    "recipe set rules as_name without_pins pins_only workers memory_limit engine slurm patience memo again",
    presence="address scheduler",
)


def run(
    recipe: RecipeName = "baseline",
    set: Set = None,
    rules: Rules = None,
    memo: Annotated[str, typer.Option("--memo", help="Size of the cache for slow measures; 0 turns it off.")] = "256MB",
    again: Annotated[bool, typer.Option("--again", help="Run even if nothing has changed.")] = False,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Curate what has landed with a recipe."""
    in_store = is_object_url(data)
    # Records of runs lie in a workspace, and a store has none.
    tracking = nullcontext(None) if in_store else recording("run", in_order(run, locals()), RECORDED)
    from curation.corpus.run_context import RunContext
    from curation.engines.choosing import engine_of

    of_run = record_of(RunOptions, settings)
    loaded = _recipe(data, recipe, load_rules(rules), set or [])
    if of_run.pins_only and (in_store or set or again or of_run.without_pins):
        raise UsageError(
            "--pins-only applies the pins of a workspace to a corpus as it is: leave the other options out."
        )
    if of_run.as_name is not None:
        loaded = loaded.named(of_run.as_name)
    options, cluster = record_of(EngineOptions, settings), record_of(ClusterOptions, settings)
    engine = engine_of(cluster, options.workers, size(options.memory_limit))
    with tracking as recorded, output.progress("Curating") as progress:
        limit = size(memo, "--memo", least=0)
        context = RunContext(engine, memo_limit=limit, on_progress=progress, on_notice=output.say)
        if of_run.pins_only:
            result = _apply_pins(data, loaded.name)
        else:
            result = _curate(data, loaded, context, again=again, pins=not of_run.without_pins)
        if recorded:
            recorded.curated(result)
    _warn_of_authors(result.corpus, loaded)
    if json:
        output.print_json(result.to_json())
        return
    print(f"{loaded.name}: {_balance(result)}")
    if in_store:
        output.say(f"Copy it: {shlex.join(['curation', 'fetch', ObjectFolder.at(data).url, '--data', 'DIR'])}")
        return
    name = recipe if of_run.as_name is None else loaded.name
    next_ones = (shlex.join(["curation", verb, name, *data_option(data)]) for verb in ("ledger", "export"))
    output.say("See it: {}    Export it: {}".format(*next_ones))


def _recipe(data: Path, name: str, book: RuleBook, changes: list[str]) -> Recipe:
    """A shipped recipe, one of the workspace or of a TOML file, or the one that made the corpus of this name."""
    from curation.disk.workspace import Workspace
    from curation.recipes.recipe import Recipe, shipped
    from curation.recipes.recipe_files import recipe_files

    if is_object_url(data):
        return Recipe.load(name, book=book, changes=tuple(changes))
    space = Workspace(data)
    if name not in {*shipped(), *recipe_files(space)} and not Path(name).is_file() and name in space.recipes_run():
        from curation.corpus.corpus import Corpus

        output.say(f"The recipe as the corpus '{output.visible(name)}' was made with it.")
        return Recipe.of_manifest(Corpus.open(space, name).manifest, book=book, changes=changes)
    return Recipe.load(name, book=book, changes=tuple(changes), folder=space.recipes)


def _balance(result: Run) -> str:
    """The ledger in a sentence, and what was done."""
    counts = result.corpus.manifest["counts"]
    labels = {rule["name"]: rule["label"] for rule in result.corpus.rules} | LABELS
    removed = ", ".join(f"{posts:,} {labels[name]}" for name, posts in counts["removed"].items())
    by_hand = f" ({counts[KEPT_BY_HAND]:,} of them by hand)" if counts.get(KEPT_BY_HAND) else ""
    unchanged = " Nothing has changed since the last run." if result.status == "unchanged" else ""
    pins = " Only decisions by hand had changed." if result.pins_only else ""
    kept = f"{counts['kept']:,} kept{by_hand}"
    return f"{counts['downloaded']:,} downloaded = {kept} + {removed or 'nothing removed'}.{unchanged}{pins}"


def _curate(data: Path, recipe: Recipe, context: RunContext, *, again: bool, pins: bool) -> Run:
    """Curate a workspace, or what lies in a store."""
    if is_object_url(data):
        from curation.corpus.curate_in_store import curate_in_store

        return curate_in_store(ObjectFolder.at(data), recipe, context=context, again=again)
    from curation.corpus.curate import curate
    from curation.disk.workspace import Workspace

    return curate(Workspace(data), recipe, context=context, again=again, pins=pins)


def _apply_pins(data: Path, name: str) -> Run:
    """Apply the pins of a workspace to a corpus."""
    from curation.corpus.curate import Run
    from curation.corpus.pins.deciding import apply_pins
    from curation.disk.workspace import Workspace

    applied = apply_pins(Workspace(data), name, waiting=output.say)
    return Run(applied.corpus, "complete" if applied.changed else "unchanged", pins_only=applied.changed > 0)


def _warn_of_authors(corpus: Corpus, recipe: Recipe) -> None:
    """Print a rule's hint for an author who loses most posts to it: the rule may be the wrong one."""
    from curation.sql import identifier, literal

    for rule in recipe.rules:
        if not rule.if_most_go:
            continue
        measured = identifier(rule.name)
        rows = corpus.rows(
            f"""
            SELECT author, count_if(removed_by = {literal(rule.name)}), count({measured}), mode({measured})
            FROM posts GROUP BY author HAVING count_if(removed_by = {literal(rule.name)}) > {MOST} * count({measured})
            ORDER BY count(*) DESC LIMIT 3
            """
        )
        for author, removed, looked_at, most in rows:
            output.say(
                f"Note: '{rule.name}' removes {removed:,} of the {output.count(looked_at, 'post')} by "
                f"{output.visible(author)} that "
                f"it looked at; {rule.if_most_go.format(name=rule.name, most=most)}"
            )


run = with_options(run, ClusterOptions, after="rules", has_ranges=True)
run = with_options(run, EngineOptions, after="rules", has_ranges=True)
run = with_options(run, RunOptions, after="rules")
run = with_options(run, TrackOptions, after="again")
