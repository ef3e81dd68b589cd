"""`curation card`: dataset cards and model cards for the Hub."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, load_rules, recipe_name
from curation.cli.record_options import in_order, record_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import UsageError
from curation.options.commands import CardOptions

if TYPE_CHECKING:
    from curation.cards import Details
    from curation.disk.workspace import Workspace
    from curation.tracking import Recording

#: The options in its record.
RECORDED = RecordedOptions(
    "recipe kind out author name model base_model hyperparameter explore thumbnail prompt push rules",
    presence="contact",
)


def card(
    recipe: RecipeName = "baseline",
    kind: Annotated[
        str,
        typer.Option("--kind", help="dataset, model, or table (the training-data table alone)."),
    ] = "dataset",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file; default: print.")] = None,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Print a dataset card, a model card, or the training-data table, in Markdown."""
    tracking = recording("card", in_order(card, locals()), RECORDED) if out else contextlib.nullcontext(None)
    from curation.cards import KINDS, hub, write_card
    from curation.cards import card as make_card
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace
    from curation.exports.registry import readers

    options = record_of(CardOptions, settings)
    if kind in KINDS:
        options.require_kind(kind)
    details, push = _details(options), options.push
    if push and kind == "table":
        raise UsageError("--push is for a card that the Hub can show: --kind dataset or --kind model.")
    if push:
        hub.check(push)
    if options.model:
        options.require_unrecorded()
        _of_model(Workspace(data), recipe, options.model, details, out, push, json, tracking)
        return
    corpus = Corpus.open(data, recipe_name(recipe))
    written = make_card(
        corpus, kind, authors=options.author, details=details, beside=out.absolute().parent if out else None,
        book=load_rules(rules), readers=readers,
    )  # fmt: skip
    if out:
        with tracking as recorded:
            write_card(out, written.text, Workspace(data))
            if recorded:
                recorded.documented(corpus, out)
    for note in written.notes:
        output.say(f"Note: {note}")
    folder = next((path.parents[name.count("/")] for name, path in written.files.items()), None)
    if folder and not push and (out is None or out.resolve().parent != folder.resolve()):
        output.say(f"Note: The card names files as they lie in {folder}: its place is there, as README.md.")
    pushed = _push(push, written.kind, written.text, written.files) if push else ""
    _print(written.to_json(), written.text, out, pushed, json)


def _of_model(
    space: Workspace, recipe: str, model: str, details: Details, out: Path | None, push: str, json: bool,
    tracking: AbstractContextManager[Recording | None],
) -> None:  # fmt: skip
    """Write the card of a model that was trained here; `push` also sends the model."""
    from curation.cards import write_card
    from curation.disk.training_record import read_record
    from curation.tracking.model_artifacts import facts_of, model_files, pictures
    from curation.training.cards.trained import trained_card
    from curation.training.folders import find_model

    folder = find_model(space, model)
    record = read_record(folder)
    if recipe not in ("baseline", record.data.recipe):
        raise UsageError(f"{model} was trained on posts of {record.data.recipe}, and not of {recipe}.")
    details = replace(details, name=details.name or push)
    text = trained_card(space, folder, record, details)
    if out:
        with tracking as recorded:
            write_card(out, text, space)
            if recorded:
                recorded.documented_model(folder, record, out)
    pushed = ""
    if push:
        if posts := record.forgotten_posts:
            output.say(f"Note: it learned from {output.count(posts, 'post')} that somebody wants forgotten.")
        files = {path.relative_to(folder).as_posix(): path for path in (*model_files(folder), *pictures(folder))}
        pushed = _push(push, "model", text, files)
    result = {"schema": 1, "recipe": record.data.recipe, "kind": "model", "model": record.model}
    result |= {"version": record.version, "text": text, "figures": facts_of(record)}
    _print(result, text, out, pushed, json)


def _print(result: dict[str, Any], text: str, out: Path | None, pushed: str, json: bool) -> None:
    """Print the places of a card, or the card itself if it has none."""
    places = {"path": str(out) if out else "", "pushed": pushed}
    places = {key: place for key, place in places.items() if place}
    if json:
        output.print_json({**result, **places})
    elif places:
        print(output.visible("\n".join(places.values())))
    else:
        output.print_text(text)


def _details(options: CardOptions) -> Details:
    """The details of the card from the options. Raises `UsageError`."""
    from curation.cards import Details

    return Details(
        name=options.name, contact=options.contact, base_model=options.base_model,
        hyperparameters=tuple(map(_pair, options.hyperparameter)),
        explore=_address("--explore", options.explore), thumbnail=_address("--thumbnail", options.thumbnail),
        prompts=options.prompt,
    )  # fmt: skip


def _push(repository: str, kind: str, text: str, files: Mapping[str, Path]) -> str:
    """Send a card with its files. Gives their address."""
    from curation.cards import hub

    output.say(f"Sending {output.count(1 + len(files), 'file')} to {repository} …")
    return hub.push(repository, kind, text, files)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"--hyperparameter {text}: write it as name=value, such as learning_rate=1e-4.")
    return name.strip(), value.strip()


def _address(option: str, text: str) -> str:
    acts = any(character in "<>\\" or character.isspace() or not character.isprintable() for character in text)
    if text and (acts or not text.startswith(("https://", "http://"))):
        raise UsageError(f"{option} {text}: write an address that begins with https://, without blanks.")
    return text


card = with_options(card, CardOptions, after="out")
