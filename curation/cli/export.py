"""`curation export`: training text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.tracked import Track, TrackFiles, TrackProject, recording
from curation.errors import UsageError


def export(
    recipe: RecipeName = "baseline",
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="text (the default), lines, jsonl, parquet, prompt-completion, chat, tokens, documents, mlx-text or "
            "mlx-chat. May be repeated.",
        ),
    ] = None,
    trainer: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            help="Also a ready configuration for trl, axolotl, llamafactory, unsloth, mlx or ollama. May be repeated.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; default: DIR/exports/RECIPE.")] = None,
    name: Annotated[str | None, typer.Option("--as", help="The folder DIR/exports/NAME.", metavar="NAME")] = None,
    valid: Annotated[
        float | None,
        typer.Option("--valid", help="Share of texts for validation, such as 0.1; default: none, with --for 0.1."),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            help="What decides which are for validation: random, time or conversation; default: random, "
            "with --for time.",
        ),
    ] = None,
    near: Annotated[
        float,
        typer.Option(
            "--near", help="Similarity of texts that stay on one side of the split, from 0.5 to 1; 0: copies only."
        ),
    ] = 0.7,
    epochs: Annotated[int, typer.Option("--epochs", help="Shuffled passes in the training file of `text`.")] = 4,
    balance: Annotated[bool, typer.Option("--balance", help="Repeat smaller authors up to the largest.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another shuffle and split.")] = 0,
    author: Annotated[list[str] | None, typer.Option("--author", help="Only this author. May be repeated.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            help="Only posts with this value: month=2020-03, language=en, kind=reply, length=40-79, platform=x, "
            "rewritten=RULE. May be repeated: any of the values of one name, and all names.",
        ),
    ] = None,
    search: Annotated[str, typer.Option("--search", help="Only posts that have this text, before or after.")] = "",
    cap: Annotated[
        list[str] | None,
        typer.Option(
            "--cap",
            help="At most so many posts, drawn by the seed: author=500, month=2000 or author/month=50. May be "
            "repeated: the next applies to what is left.",
        ),
    ] = None,
    instruction: Annotated[
        str,
        typer.Option("--instruction", help="In prompt-completion and chat: the prompt of posts that answer nobody."),
    ] = "",
    tokenizer: Annotated[
        str,
        typer.Option(
            "--tokenizer",
            help="In tokens: a tokenizer.json, a folder that has one, or a name on the Hub. Without it, one is learned "
            "from the training text.",
        ),
    ] = "",
    vocabulary: Annotated[
        int, typer.Option("--vocabulary", help="In tokens: how many are learned; 0 for as many as suit the text.")
    ] = 0,
    end_of_document: Annotated[
        str,
        typer.Option("--end-of-document", help="In tokens: the token between posts, if not <|endoftext|>."),
    ] = "",
    allow_small: Annotated[
        bool, typer.Option("--allow-small", help="Write `text` even out of fewer than 6,000 characters.")
    ] = False,
    track: Track = None,
    track_project: TrackProject = None,
    track_files: TrackFiles = False,
    data: Data = "data",  # type: ignore[assignment]
    json: Json = False,
) -> None:
    """Write the kept posts as training text."""
    valid, split = _sides(bool(trainer), valid, split)
    tracking = recording("export", locals())
    from curation.corpus.corpus import Corpus
    from curation.corpus.selection import parse_only
    from curation.exports import export as write

    corpus = Corpus.open(data, recipe_name(recipe))
    folder = _folder(data, corpus.recipe, out, name)
    with tracking as recorded, output.progress("Writing") as progress:
        result = write(
            corpus, format or ([] if trainer else ["text"]), folder,
            valid=valid, split=split, near=near, epochs=epochs, balance=balance, seed=seed,
            authors=author or (), where=parse_only(only or ()), search=search,
            caps=cap or (), instruction=instruction, tokenizer=tokenizer, vocabulary=vocabulary,
            end_of_document=end_of_document, trainers=trainer or (), allow_small=allow_small,
            progress=progress, on_notice=output.say,
        )  # fmt: skip
        recorded.set_fields(seeds={"seed": seed})
        recorded.exported(corpus, folder, result)
    for warning in result.warnings:
        output.say(f"Note: {warning}")
    if json:
        output.print_json(result.to_json())
    else:
        for file in result.files:
            figures = f"  {file.posts:,} posts, {file.characters:,} characters" if file.split else ""
            print(f"{file.path}{figures}")
    for line in _run_lines(trainer or [], folder):
        output.say(line)


def _sides(for_trainers: bool, valid: float | None, split: str | None) -> tuple[float, str]:
    """The share for validation and what decides, as they were given or as they are usual."""
    from curation.exports.trainers import DEFAULT_SPLIT, DEFAULT_VALID
    from curation.options.export import RANDOM

    share = (DEFAULT_VALID if for_trainers else 0.0) if valid is None else valid
    return share, split or (DEFAULT_SPLIT if for_trainers and share else RANDOM)


def _folder(data: Path, recipe: str, out: Path | None, name: str | None) -> Path:
    """Where the files go. Raises `UsageError` for a name that is none of a folder."""
    if name is None:
        return out or data / "exports" / recipe
    if out is not None:
        raise UsageError("--out names a folder anywhere, --as one in DIR/exports; give one of them.")
    why = ""
    if not name.strip():
        why = "it is empty"
    elif name.startswith("."):
        why = "it begins with a dot"
    elif "/" in name or "\\" in name:
        why = "it leads into another folder"
    if why:
        raise UsageError(f"--as names a folder in DIR/exports, and '{name}' can't be one: {why}.")
    return data / "exports" / name


def _run_lines(names: list[str], folder: Path) -> list[str]:
    """How to go on, for each trainer once."""
    from curation.exports.trainers import TRAINERS

    return [TRAINERS[name].line(folder) for name in dict.fromkeys(names)]
