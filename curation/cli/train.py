"""`curation train`: trains a causal language model on curated text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, recipe_name
from curation.cli.record_options import record_of, values_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import UsageError
from curation.options.commands import OF_RECIPE, TrackOptions, TrainOptions
from curation.options.export import SPLIT_FOR_TRAINERS, VALID_FOR_TRAINERS
from curation.options.option import flag
from curation.options.training import PRESETS, TrainingOptions

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.training.outcome import TrainingOutcome
    from curation.training.text import TrainingText

#: The recipe if none is named.
USUAL = "baseline"

#: The options in its record.
RECORDED = RecordedOptions(
    " ".join(
        ["recipe name like format valid split author instruction resume restart allow_small"]
        + [field.parameter for field in TrainingOptions.fields()]
    )
)


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE | EXPORT_DIR",
            help="A recipe, whose corpus is exported first (default: baseline), or the folder of an export.",
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="The model's name; default: the recipe.")] = "",
    like: Annotated[
        str,
        typer.Option("--like", help=f"Default settings of another project: {', '.join(PRESETS)}."),
    ] = "",
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Train a language model on curated text."""
    values = values_of(TrainingOptions, settings)
    chosen = {key: value for key, value in values.items() if value is not None and value is not False}
    options, request = TrainingOptions.like(like, chosen), record_of(TrainOptions, settings)
    from curation.disk.workspace import Workspace
    from curation.training import packages
    from curation.training.outcome import Watchers
    from curation.training.requests import Start
    from curation.training.train import train as run

    packages.require("Training", *(["peft"] if options.lora else []))
    space = Workspace(data)
    usual = recipe or USUAL
    name = name or (Path(usual).absolute().name if _is_folder(usual) else recipe_name(usual))
    given = {**locals(), **vars(request), **chosen, **vars(record_of(TrackOptions, settings))}
    tracking = recording("train", given, RECORDED, live=True)
    with tracking as recorded, output.progress("Training", "steps") as progress:

        def text() -> TrainingText:
            return _text(space, usual, name, request)

        watchers = Watchers(output.say, lambda step, total, figures: progress(step, total), recorded.log)
        start = Start(request.resume, request.restart, _target(recipe), request.allow_small)
        outcome = run(space, name, text, options, start=start, watchers=watchers)
        recorded.trained(outcome.status, outcome.seed, outcome.folder, outcome.record)
    if json:
        output.print_json(outcome.to_json())
    elif outcome.signal is None:
        print(outcome.folder)
    _conclude(outcome, space)


def _text(space: Workspace, recipe: str, name: str, request: TrainOptions) -> TrainingText:
    """The text of the named export, or of a new export of the recipe's corpus."""
    from curation.training.text import TrainingText, export_for_training

    if _is_folder(recipe):
        for option in filter(lambda option: getattr(request, option), OF_RECIPE):
            raise UsageError(
                f"{flag(option)} chooses among the posts of a recipe, and {recipe} is an export, whose posts are "
                "chosen. Leave the option out, or name a recipe."
            )
        return TrainingText.open(Path(recipe), request.format)
    return export_for_training(
        space, recipe_name(recipe), name, request.format or "jsonl",
        valid=VALID_FOR_TRAINERS if request.valid is None else request.valid,
        split=request.split or SPLIT_FOR_TRAINERS, authors=request.author,
        instruction=request.instruction, on_notice=output.say,
    )  # fmt: skip


def _is_folder(recipe: str) -> bool:
    return Path(recipe).is_dir() or ("/" in recipe and not recipe.endswith(".toml"))


def _target(recipe: str | None) -> str:
    """The name of what it trains on, as in the request of a resumed training."""
    return "" if recipe is None else recipe if _is_folder(recipe) else recipe_name(recipe)


def _conclude(outcome: TrainingOutcome, space: Workspace) -> None:
    """Say what to do next."""
    if outcome.signal is not None:
        output.say(
            f"Interrupted after step {outcome.steps:,}; nothing is lost. Go on: "
            f"{space.command('train', '--name', outcome.model, '--resume')}"
        )
        raise typer.Exit(128 + outcome.signal)
    output.say(f"Let it write: {space.command('generate', outcome.model)}")


train = with_options(train, TrackOptions, after="like")
train = with_options(train, TrainOptions, after="like")
train = with_options(train, TrainingOptions, after="like", is_open=True)
