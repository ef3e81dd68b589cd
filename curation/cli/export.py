"""`curation export`: training text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.record_options import values_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.cli.views import exported
from curation.errors import UsageError
from curation.options.commands import TrackOptions, ViewOptions
from curation.options.export import PRESETS, TEXT, ExportOptions, for_trainers, values_like

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus

#: The options in its record.
RECORDED = RecordedOptions(
    " ".join(
        ["recipe out name like", *(field.parameter for field in ExportOptions.fields() if field.name != "search")]
    ),
    presence="search view",
)


def export(
    recipe: RecipeName = "baseline",
    out: Annotated[Path | None, typer.Option("--out", help="Folder; default: DIR/exports/RECIPE.")] = None,
    name: Annotated[str | None, typer.Option("--as", help="The folder DIR/exports/NAME.", metavar="NAME")] = None,
    like: Annotated[
        str, typer.Option("--like", help=f"Default settings of another project: {', '.join(PRESETS)}.")
    ] = "",
    preview: Annotated[
        int | None,
        typer.Option(
            "--preview",
            min=1,
            metavar="POSTS",
            help="Print so many posts from the middle of each training file, as a training reads them; write nothing.",
        ),
    ] = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Write the kept posts as training text."""
    trainers = settings["trainer"] or []
    values = for_trainers(values_like(like, values_of(ExportOptions, settings)))
    if view := settings["view"]:
        recipe, values = exported(view, data, recipe_name(recipe), values)
        settings |= {
            "search": values["search"],
            "only": [f"{name}={one}" for name, all in values["where"].items() for one in all],
        }
    settings |= {name: values[name] for name in ("valid", "split", "epochs")}
    tracking = recording("export", {**locals(), **settings}, RECORDED)
    from curation.corpus.corpus import Corpus
    from curation.exports import write_export
    from curation.exports.trainers import TRAINERS

    values["formats"] = values["formats"] or (() if trainers else (TEXT,))
    corpus = Corpus.open(data, recipe_name(recipe))
    if preview:
        _read(corpus, ExportOptions.of(values), preview, json)
        return
    folder = _folder(data, corpus.recipe, out, name)
    with tracking as recorded, output.progress("Writing") as progress:
        options = ExportOptions.of(values)
        result = write_export(corpus, options, folder, progress=progress, on_notice=output.say)
        recorded.set_fields(seeds={"seed": options.seed})
        recorded.exported(corpus, folder, result)
    for warning in result.warnings:
        output.say(f"Note: {warning}")
    if json:
        output.print_json(result.to_json())
    else:
        for file in result.files:
            print("  ".join(filter(None, (str(file.path), file.in_words()))))
    for trainer in dict.fromkeys(trainers):
        output.say(TRAINERS[trainer].line(folder))


def _read(corpus: Corpus, options: ExportOptions, posts: int, json: bool) -> None:
    """Print a stretch of each training file."""
    from curation.exports.reading import read_stretch
    from curation.exports.registry import formats_of
    from curation.exports.trainers import plan

    names = options.formats
    if options.trainers:
        names = plan(options.trainers, names, instruction=bool(options.instruction)).formats
    options = replace(options, formats=names)
    stretches = []
    for format in formats_of(names):
        if format.preview_note:
            output.say(f"Note: {format.name} is no text, so there is nothing to read. {format.preview_note}")
        else:
            stretches.append(read_stretch(corpus, format.name, options, posts=posts))
    if json:
        output.print_json(
            {"schema": 1, "recipe": corpus.recipe, "preview": [stretch.to_json() for stretch in stretches]}
        )
        return
    for stretch in stretches:
        what = "records" if stretch.is_of_records else "posts"
        output.say(f"{stretch.file}: {what} {stretch.first:,} to {stretch.last:,} of {stretch.of:,}")
        for name in stretch.not_applied:
            output.say(f"Note: --{name} is not applied here, with this many posts.")
        output.print_text(stretch.text if stretch.text.endswith("\n") else f"{stretch.text}\n")


def _folder(data: Path, recipe: str, out: Path | None, name: str | None) -> Path:
    """The folder for the files. Raises `UsageError` for a name that no folder can have."""
    if name is None:
        return out or data / "exports" / recipe
    if out is not None:
        raise UsageError("--out names a folder anywhere, --as one in DIR/exports; give one of them.")
    from curation.exports.files.replacing import require_name

    require_name(name)
    return data / "exports" / name


export = with_options(export, ExportOptions, after="recipe")
export = with_options(export, ViewOptions, after="like")
export = with_options(export, TrackOptions, after="name")
