"""`curation export`: training text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.tracked import Track, TrackFiles, TrackProject, recording


def export(
    recipe: RecipeName = "baseline",
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="text (the default), lines, jsonl, parquet, prompt-completion, chat or tokens. May be repeated.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; default: DIR/exports/RECIPE.")] = None,
    valid: Annotated[float, typer.Option("--valid", help="Share of texts for validation, such as 0.1.")] = 0.0,
    split: Annotated[
        str, typer.Option("--split", help="What decides which are for validation: random, time or conversation.")
    ] = "random",
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
    tracking = recording("export", locals())
    from curation.corpus import Corpus
    from curation.exports import export as write
    from curation.selection import parse_only

    corpus = Corpus.open(data, recipe_name(recipe))
    folder = out or data / "exports" / corpus.recipe
    with tracking as recorded, output.progress("Writing") as progress:
        result = write(
            corpus, format or ["text"], folder,
            valid=valid, split=split, near=near, epochs=epochs, balance=balance, seed=seed,
            authors=author or (), where=parse_only(only or ()), search=search,
            caps=cap or (), instruction=instruction, tokenizer=tokenizer, vocabulary=vocabulary,
            end_of_document=end_of_document, allow_small=allow_small, progress=progress, told=output.say,
        )  # fmt: skip
        recorded.said(seeds={"seed": seed})
        recorded.exported(corpus, folder, result)
    for warning in result.warnings:
        output.say(f"Note: {warning}")
    if json:
        output.print_json(result.to_json())
        return
    for file in result.files:
        figures = f"  {file.posts:,} posts, {file.characters:,} characters" if file.split else ""
        print(f"{file.path}{figures}")
