"""`curation train`: a causal language model on curated text."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, recipe_name
from curation.cli.tracked import Track, TrackFiles, TrackProject, recording
from curation.errors import UsageError
from curation.training.options import PRESETS, TrainingOptions, flag

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.training.outcome import Outcome
    from curation.training.text import TrainingText

#: The recipe whose corpus is learned where none is named.
USUAL = "baseline"

#: The settings of a training, each an option of the same name.
SETTINGS = dataclasses.fields(TrainingOptions)


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE | EXPORT_DIR",
            help="A recipe whose corpus is exported and learned, by default baseline; or the folder of an export.",
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What the model is called; default: the recipe.")] = "",
    like: Annotated[
        str,
        typer.Option("--like", help=f"Settings of somebody else, where nothing else is said: {', '.join(PRESETS)}."),
    ] = "",
    format: Annotated[
        str,
        typer.Option(
            "--format", help="What is learned: jsonl (default), parquet, lines, tokens, prompt-completion or chat."
        ),
    ] = "",
    valid: Annotated[
        float | None, typer.Option("--valid", help="Of a recipe: share of posts that is held out; default: 0.1.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", help="Of a recipe: what decides which: time (default), random or conversation."),
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", help="Of a recipe: only this author. May be repeated.")
    ] = None,
    instruction: Annotated[
        str,
        typer.Option(
            "--instruction", help="Of a recipe, with chat or prompt-completion: the prompt of posts that answer nobody."
        ),
    ] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted training of this name.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw an interrupted training of this name away.")
    ] = False,
    allow_small: Annotated[
        bool, typer.Option("--allow-small", help="Learn even from fewer than 6,000 characters.")
    ] = False,
    track: Track = None,
    track_project: TrackProject = None,
    track_files: TrackFiles = False,
    data: Data = "data",  # type: ignore[assignment]
    json: Json = False,
    **settings: Any,
) -> None:
    """Train a language model on curated text."""
    chosen = {key: value for key, value in settings.items() if value is not None and value is not False}
    options = TrainingOptions.of(chosen, like)
    from curation.disk.workspace import Workspace
    from curation.training import packages
    from curation.training.outcome import Watchers
    from curation.training.train import train as run

    packages.require("Training", *(["peft"] if options.lora else []))
    space = Workspace(data)
    name = name or _usual_name(recipe or USUAL)
    of_recipe = {"valid": valid, "split": split, "author": author, "instruction": instruction}
    tracking = recording("train", {**_of_command(locals()), **chosen}, live=True)
    with tracking as recorded, output.progress("Training", "steps") as progress:

        def text() -> TrainingText:
            return _text(space, recipe or USUAL, name, format, of_recipe)

        watchers = Watchers(output.say, lambda step, total, figures: progress(step, total), recorded.log)
        outcome = run(
            space, name, text, options, resume=resume, restart=restart, target=_target(recipe),
            allow_small=allow_small, watchers=watchers,
        )  # fmt: skip
        recorded.trained(outcome)
    if json:
        output.print_json(outcome.to_json())
    elif outcome.signal is None:
        print(outcome.folder)
    _conclude(outcome, data)


def _text(space: Workspace, recipe: str, name: str, format: str, of_recipe: dict[str, Any]) -> TrainingText:
    """The export that is named, or a new one of the recipe's corpus."""
    from curation.training.exporting import exported
    from curation.training.text import TrainingText

    chosen = {key: value for key, value in of_recipe.items() if value}
    if _is_folder(recipe):
        for option in chosen:
            raise UsageError(
                f"{flag(option)} chooses among the posts of a recipe, and {recipe} is an export, whose posts are "
                "chosen. Leave the option out, or name a recipe."
            )
        return TrainingText.open(Path(recipe), format)
    return exported(
        space, recipe_name(recipe), name, format or "jsonl",
        valid=0.1 if of_recipe["valid"] is None else of_recipe["valid"], split=chosen.get("split", "time"),
        authors=chosen.get("author", ()), instruction=chosen.get("instruction", ""), on_notice=output.say,
    )  # fmt: skip


def _is_folder(recipe: str) -> bool:
    return Path(recipe).is_dir() or ("/" in recipe and not recipe.endswith(".toml"))


def _target(recipe: str | None) -> str:
    """What was named to be trained on, as a training that is resumed knows it."""
    return "" if recipe is None else recipe if _is_folder(recipe) else recipe_name(recipe)


def _usual_name(recipe: str) -> str:
    return Path(recipe).absolute().name if _is_folder(recipe) else recipe_name(recipe)


def _of_command(names: dict[str, Any]) -> dict[str, Any]:
    kept = inspect.signature(train).parameters
    return {key: value for key, value in names.items() if key in kept and key != "settings"}


def _conclude(outcome: Outcome, data: Path) -> None:
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


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each setting of a training, as its record describes it."""
    signature = inspect.signature(command)
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "settings"]
    hints = typing.get_type_hints(command, include_extras=True)
    hints.pop("settings")
    fields = typing.get_type_hints(TrainingOptions)
    first = [parameter for parameter in own if parameter.name in ("recipe", "name", "like")]
    rest = [parameter for parameter in own if parameter not in first]
    parameters = []
    for field in SETTINGS:
        kind = fields[field.name]
        plain = next(
            each for each in (*typing.get_args(kind), kind) if isinstance(each, type) and each is not type(None)
        )
        shown = _help(field)
        hints[field.name] = Annotated[plain | None, typer.Option(flag(field.name), help=shown)]
        if plain is bool:
            hints[field.name] = Annotated[bool, typer.Option(flag(field.name), help=shown)]
        default = False if plain is bool else None
        parameters.append(inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default))
    keyword = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
        for parameter in (*first, *parameters, *rest)
    ]
    command.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    command.__annotations__ = hints
    return command


def _help(field: dataclasses.Field[Any]) -> str:
    choices = field.metadata["choices"]
    words = f"{field.metadata['doc']} {f'One of {chr(44).join(choices)}.' if choices else ''}".strip()
    is_said = "Default" in words or field.default in (None, False)
    return words if is_said else f"{words} Default: {field.default}."


train = _with_settings(train)
