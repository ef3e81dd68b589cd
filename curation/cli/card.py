"""`curation card`: what a set of posts says of itself, for the Hub."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, load_rules, recipe_name
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import UsageError

if TYPE_CHECKING:
    from curation.cards import Card, Details
    from curation.disk.workspace import Workspace
    from curation.tracking import Recording

#: Options that only one kind of card has something to do with.
ONLY_FOR = {
    "dataset": ("--contact",),
    "model": ("--model", "--base-model", "--hyperparameter", "--explore", "--thumbnail", "--prompt"),
}
#: Options whose answer the record of a trained model has.
ANSWERED = ("--author", "--base-model", "--hyperparameter")
#: The options that its record has.
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
    author: Annotated[list[str] | None, typer.Option("--author", help="Only this author. May be repeated.")] = None,
    name: Annotated[str, typer.Option("--name", help="The name of the dataset or model.")] = "",
    contact: Annotated[str, typer.Option("--contact", help="dataset: a contact for removal, an address or text.")] = "",
    model: Annotated[
        str,
        typer.Option("--model", metavar="NAME", help="model: a model trained here; its record fills in the card."),
    ] = "",
    base_model: Annotated[
        str, typer.Option("--base-model", help="model: the base model, for example openai-community/gpt2.")
    ] = "",
    hyperparameter: Annotated[
        list[str] | None,
        typer.Option(
            "--hyperparameter", metavar="NAME=VALUE", help="model: a hyperparameter of the training. May be repeated."
        ),
    ] = None,
    explore: Annotated[str, typer.Option("--explore", help="model: address of a page with the training data.")] = "",
    thumbnail: Annotated[str, typer.Option("--thumbnail", help="model: address of a picture.")] = "",
    prompt: Annotated[
        list[str] | None, typer.Option("--prompt", help="model: an example prompt. May be repeated.")
    ] = None,
    push: Annotated[
        str,
        typer.Option("--push", metavar="OWNER/NAME", help="Send the card and its files to the Hub, with your token."),
    ] = "",
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Print a dataset card, a model card, or the training-data table, in Markdown."""
    tracking = recording("card", locals(), RECORDED) if out else contextlib.nullcontext(None)
    from curation.cards import KINDS, Details, write_card
    from curation.cards import card as make_card
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace

    given = {
        "--contact": contact, "--model": model, "--author": author, "--base-model": base_model,
        "--hyperparameter": hyperparameter, "--explore": explore, "--thumbnail": thumbnail, "--prompt": prompt,
    }  # fmt: skip
    for its_kind, options in ONLY_FOR.items():
        for option in options:
            if given[option] and kind != its_kind and kind in KINDS:
                raise UsageError(f"{option} is for --kind {its_kind}, and this card is of the kind {kind}.")
    details = Details(
        name=name, contact=contact, base_model=base_model,
        hyperparameters=tuple(_pair(each) for each in hyperparameter or ()),
        explore=_address("--explore", explore), thumbnail=_address("--thumbnail", thumbnail),
        prompts=tuple(prompt or ()),
    )  # fmt: skip
    if push:
        _check_push(push, kind)
    if model:
        for option in ANSWERED:
            if given[option]:
                raise UsageError(f"{option} is not for --model: the record of {model} has it.")
        _of_model(Workspace(data), recipe, model, details, out, push, json, tracking)
        return
    corpus = Corpus.open(data, recipe_name(recipe))
    written = make_card(
        corpus, kind, authors=author or (), details=details, beside=out.absolute().parent if out else None,
        book=load_rules(rules),
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
    pushed = _pushed(push, written) if push else ""
    if json:
        places = {"path": str(out) if out else "", "pushed": pushed}
        output.print_json({**written.to_json(), **{key: place for key, place in places.items() if place}})
    elif out or pushed:
        for place in filter(None, (str(out) if out else "", pushed)):
            print(output.visible(str(place)))
    else:
        output.print_text(written.text)


def _of_model(
    space: Workspace, recipe: str, model: str, details: Details, out: Path | None, push: str, json: bool,
    tracking: AbstractContextManager[Recording | None],
) -> None:  # fmt: skip
    """The card of a model that was trained here; with `push` the model goes along."""
    from curation.cards import hub, write_card
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
        output.say(f"Sending {output.count(1 + len(files), 'file')} to {push} …")
        pushed = hub.push(push, "model", text, files)
    if json:
        places = {"path": str(out) if out else "", "pushed": pushed}
        of_card = {
            "schema": 1, "recipe": record.data.recipe, "kind": "model", "model": record.model,
            "version": record.version, "text": text, "figures": facts_of(record),
        }  # fmt: skip
        output.print_json({**of_card, **{key: place for key, place in places.items() if place}})
    elif out or pushed:
        for place in filter(None, (str(out) if out else "", pushed)):
            print(output.visible(place))
    else:
        output.print_text(text)


def _check_push(repository: str, kind: str) -> None:
    from curation.cards import hub

    if kind == "table":
        raise UsageError("--push is for a card that the Hub can show: --kind dataset or --kind model.")
    hub.check(repository)


def _pushed(repository: str, written: Card) -> str:
    from curation.cards import hub

    output.say(f"Sending {output.count(1 + len(written.files), 'file')} to {repository} …")
    return hub.push(repository, written.kind, written.text, written.files)


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
