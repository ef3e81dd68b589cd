"""`curation train`: a causal language model on curated text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, recipe_name
from curation.cli.record_options import with_options
from curation.cli.tracked import RecordedOptions, Track, TrackFiles, TrackProject, recording
from curation.errors import UsageError
from curation.options.export import SPLIT_FOR_TRAINERS, VALID_FOR_TRAINERS
from curation.options.option import flag
from curation.options.training import PRESETS, TrainingOptions

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.training.outcome import TrainingOutcome
    from curation.training.text import TrainingText

#: The recipe whose corpus is learned where none is named.
USUAL = "baseline"

#: The options that its record has.
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
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="The format to learn from: jsonl (default), parquet, lines, tokens, prompt-completion or chat.",
        ),
    ] = "",
    valid: Annotated[
        float | None, typer.Option("--valid", help="With a recipe: share of held-out posts; default: 0.1.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", help="With a recipe: how posts are held out: time (default), random or conversation."),
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", help="With a recipe: only this author. May be repeated.")
    ] = None,
    instruction: Annotated[
        str,
        typer.Option(
            "--instruction",
            help="With a recipe and chat or prompt-completion: the prompt for posts that are not replies.",
        ),
    ] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted training of this name.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Discard an interrupted training of this name.")] = False,
    allow_small: Annotated[
        bool, typer.Option("--allow-small", help="Train even on fewer than 6,000 characters.")
    ] = False,
    track: Track = None,
    track_project: TrackProject = None,
    track_files: TrackFiles = False,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Train a language model on curated text."""
    chosen = {key: value for key, value in settings.items() if value is not None and value is not False}
    options = TrainingOptions.like(like, chosen)
    from curation.disk.workspace import Workspace
    from curation.training import packages
    from curation.training.outcome import Watchers
    from curation.training.requests import Start
    from curation.training.train import train as run

    packages.require("Training", *(["peft"] if options.lora else []))
    space = Workspace(data)
    name = name or _usual_name(recipe or USUAL)
    of_recipe = {"valid": valid, "split": split, "author": author, "instruction": instruction}
    tracking = recording("train", {**locals(), **chosen}, RECORDED, live=True)
    with tracking as recorded, output.progress("Training", "steps") as progress:

        def text() -> TrainingText:
            return _text(space, recipe or USUAL, name, format, of_recipe)

        watchers = Watchers(output.say, lambda step, total, figures: progress(step, total), recorded.log)
        start = Start(resume, restart, _target(recipe), allow_small)
        outcome = run(space, name, text, options, start=start, watchers=watchers)
        recorded.trained(outcome)
    if json:
        output.print_json(outcome.to_json())
    elif outcome.signal is None:
        print(outcome.folder)
    _conclude(outcome, data)


def _text(space: Workspace, recipe: str, name: str, format: str, of_recipe: dict[str, Any]) -> TrainingText:
    """The export that is named, or a new one of the recipe's corpus."""
    from curation.training.exporting import export_for_training
    from curation.training.text import TrainingText

    chosen = {key: value for key, value in of_recipe.items() if value}
    if _is_folder(recipe):
        for option in chosen:
            raise UsageError(
                f"{flag(option)} chooses among the posts of a recipe, and {recipe} is an export, whose posts are "
                "chosen. Leave the option out, or name a recipe."
            )
        return TrainingText.open(Path(recipe), format)
    return export_for_training(
        space, recipe_name(recipe), name, format or "jsonl",
        valid=VALID_FOR_TRAINERS if of_recipe["valid"] is None else of_recipe["valid"],
        split=chosen.get("split", SPLIT_FOR_TRAINERS), authors=chosen.get("author", ()),
        instruction=chosen.get("instruction", ""), on_notice=output.say,
    )  # fmt: skip


def _is_folder(recipe: str) -> bool:
    return Path(recipe).is_dir() or ("/" in recipe and not recipe.endswith(".toml"))


def _target(recipe: str | None) -> str:
    """What was named to be trained on, as a training that is resumed knows it."""
    return "" if recipe is None else recipe if _is_folder(recipe) else recipe_name(recipe)


def _usual_name(recipe: str) -> str:
    return Path(recipe).absolute().name if _is_folder(recipe) else recipe_name(recipe)


def _conclude(outcome: TrainingOutcome, data: Path) -> None:
    """Say what there is now, and what to do next."""
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    if outcome.signal is not None:
        output.say(
            f"Interrupted after step {outcome.steps:,}; nothing is lost. Go on: "
            f"{space.command('train', '--name', outcome.model, '--resume')}"
        )
        raise typer.Exit(128 + outcome.signal)
    output.say(f"Let it write: {space.command('generate', outcome.model)}")


train = with_options(train, TrainingOptions, after="like", is_open=True)
