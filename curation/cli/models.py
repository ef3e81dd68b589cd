"""`curation models`: the models of a workspace, their training data and figures, and forgotten posts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, data_option
from curation.errors import InputError, NothingToDoError, UsageError, did_you_mean
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.disk.training_record import Base
    from curation.disk.workspace import Workspace
    from curation.training.models import Inventory, Model, Training

HEADS = ("model", "version", "base", "posts", "bits/char", "steps", "trained (UTC)", "on", "forgotten")


def models(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Show one model in detail; NAME@v0 for one version.", autocompletion=values.models
        ),
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option("--remove", metavar="NAME", help="Remove a model; NAME@v0 removes one version."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it without asking.")] = False,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """List the models in the workspace and their training data."""
    from curation.disk.workspace import Workspace
    from curation.tracking.index import opened
    from curation.training.folders import model_folders, models_of
    from curation.training.models import inventory

    space = Workspace(data)
    space.landings()  # raises an error about a damaged folder
    if remove is not None:
        if name:
            raise UsageError("--remove names the model; name nothing else with it.")
        _remove(space, remove, yes, json)
        return
    if yes:
        raise UsageError("--yes is for --remove NAME.")
    with opened(space) as index:
        holdings = inventory(space, index.digest, name or "")
    if not holdings:
        if name and (names := [folder.name for folder in model_folders(space)]):
            raise NothingToDoError(f"There is no model '{name}' in {models_of(space)}.{did_you_mean(name, names)}")
        raise NothingToDoError(f"There is no model in {models_of(space)}, and no training waits there.")
    if json:
        output.print_json({
            "schema": 1,
            "models": [model.to_json() for model in holdings.models],
            "trainings": [training.to_json() for training in holdings.trainings],
            "damaged": list(holdings.damaged),
        })  # fmt: skip
    elif holdings.models or holdings.trainings:
        lines = _in_full(holdings) if name else _table(holdings)
        output.print_text("".join(f"{output.visible(line)}\n" for line in lines))
        for note in _notes(holdings, data):
            output.say(note)
    if holdings.damaged and not holdings.models and not holdings.trainings:
        raise InputError(" ".join(holdings.damaged))
    for sentence in holdings.damaged:
        output.say(f"Note: {sentence}")


def _table(holdings: Inventory) -> Iterator[str]:
    if holdings.models:
        yield from aligned([HEADS, *map(_row, holdings.models)], left=(0, 1, 2, 6, 7))
    yield from map(_training, holdings.trainings)


def _row(model: Model) -> tuple[str, ...]:
    from curation.disk.training_record import held_out

    record, figures = model.record, held_out(model.record)
    has_figures = figures is not None and figures.bits_per_character is not None
    return (
        record.model, record.version, _base(record.base), f"{record.data.train.posts:,}",
        f"{figures.bits_per_character:.3f}" if has_figures and figures else "–", f"{record.steps:,}",
        record.created_at[:16].replace("T", " "), record.data.recipe,
        f"{record.forgotten_posts:,}" if record.forgotten_posts else "",
    )  # fmt: skip


def _base(base: Base) -> str:
    lora = " + LoRA" if base.lora is not None else ""
    return f"{base.name or f'{base.kind} {base.architecture}'}{lora} {_short(base.parameters)}"


def _short(parameters: int) -> str:
    """`312k`, `124.4M`, `1.5B`."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if parameters >= size:
            return f"{parameters / size:.1f}{letter}"
    return str(parameters)


def _in_full(holdings: Inventory) -> Iterator[str]:
    for model in holdings.models:
        yield f"{model.record.model} {model.record.version}"
        yield from aligned([(f"  {head}", words) for head, words in _facts(model)], left=(0, 1))
    yield from map(_training, holdings.trainings)


def _facts(model: Model) -> Iterator[tuple[str, str]]:
    from curation.disk.training_record import BEST, held_out

    record, data = model.record, model.record.data
    yield "folder", str(model.folder)
    yield (
        "trained",
        f"{record.created_at[:16].replace('T', ' ')} UTC, {record.status}, {output.count(record.steps, 'step')} in "
        f"{record.seconds:,.0f} s on {record.device} ({record.precision})",
    )
    yield "base", f"{_base(record.base)}, {record.base.trained_parameters:,} parameters trained"
    yield "posts", f"{data.train.posts:,} learned from, {data.valid.posts:,} held out ({data.split})"
    yield "on", f"recipe {data.recipe} {data.fingerprint}, {data.export} ({model.export})"
    figures = held_out(record)
    if figures:
        before = record.before.valid_bits_per_character if record.before else None
        was = f", {before:.3f} before the training" if before is not None else ""
        yield (
            "held out",
            f"{_figure(figures.bits_per_character)} bits per character{was}, perplexity {_figure(figures.perplexity)}",
        )
    if record.epochs:
        each = (f"{e.epoch}: {_figure(e.valid_bits_per_character)}" for e in record.epochs)
        which = f"weights of the best epoch, {record.best_epoch}" if record.weights == BEST else "weights of the last"
        yield "epochs", f"{', '.join(each)} bits per character; {which}"
    if record.forgotten_posts:
        yield "forgotten", f"{output.count(record.forgotten_posts, 'post')} that it saw and learned from"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3f}"


def _training(training: Training) -> str:
    waits = "waits for --resume" if training.can_resume else "can't be resumed, what it began with is damaged or gone"
    state = "is being trained" if training.is_running else waits
    last = training.last
    at = "nothing was measured yet"
    if last:
        at = f"step {last['step']:,}, epoch {last.get('epoch', 0):.2f}, {last['seconds']:,.0f} s of training"
    return f"{training.name} {state}: {at}"


def _notes(holdings: Inventory, data: Path) -> Iterator[str]:
    from curation.training.models import CHANGED

    where = data_option(data)
    for model in holdings.models:
        if posts := model.record.forgotten_posts:
            command = shlex.join(["curation", "models", "--remove", model.removal, *where])
            yield (
                f"Note: {model.title} learned from {output.count(posts, 'post')} that "
                f"{'was' if posts == 1 else 'were'} forgotten since. To remove it: {command}"
            )
    changed = sorted({model.record.data.export for model in holdings.models if model.export == CHANGED})
    for export in changed:
        titles = [m.title for m in holdings.models if (m.record.data.export, m.export) == (export, CHANGED)]
        yield f"Note: {export} has changed since {', '.join(titles)} learned from it."


def _remove(space: Workspace, model: str, yes: bool, json: bool) -> None:
    from curation.training.models import training_folders
    from curation.training.removal import folders_of, remove, settle

    settle(space)
    folders = folders_of(space, model)
    trainings = set(training_folders(space))
    names = [f"{folder}{' (a training that waits)' if folder in trainings else ''}" for folder in folders]
    if not yes:
        if not sys.stdin or not sys.stdin.isatty():
            raise UsageError(f"Nothing was removed. To remove {', '.join(names)}, agree with --yes.")
        if not typer.confirm(f"Remove {', '.join(names)}?", err=True):
            raise typer.Exit(1)
    remove(space, folders)
    if json:
        output.print_json({"schema": 1, "removed": [str(folder) for folder in folders]})
        return
    for name in names:
        print(output.visible(f"Removed {name}."))
