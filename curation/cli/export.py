"""`curation export`: training text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.record_options import values_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.errors import UsageError
from curation.options.commands import TrackOptions
from curation.options.export import PRESETS, TEXT, ExportOptions, for_trainers, values_like

#: The options in its record.
RECORDED = RecordedOptions(
    " ".join(
        ["recipe out name like", *(field.parameter for field in ExportOptions.fields() if field.name != "search")]
    ),
    presence="search",
)


def export(
    recipe: RecipeName = "baseline",
    out: Annotated[Path | None, typer.Option("--out", help="Folder; default: DIR/exports/RECIPE.")] = None,
    name: Annotated[str | None, typer.Option("--as", help="The folder DIR/exports/NAME.", metavar="NAME")] = None,
    like: Annotated[
        str, typer.Option("--like", help=f"Default settings of another project: {', '.join(PRESETS)}.")
    ] = "",
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Write the kept posts as training text."""
    trainers = settings["trainer"] or []
    values = for_trainers(values_like(like, values_of(ExportOptions, settings)))
    settings |= {name: values[name] for name in ("valid", "split", "epochs")}
    tracking = recording("export", {**locals(), **settings}, RECORDED)
    from curation.corpus.corpus import Corpus
    from curation.exports import write_export
    from curation.exports.trainers import TRAINERS

    values["formats"] = values["formats"] or (() if trainers else (TEXT,))
    corpus = Corpus.open(data, recipe_name(recipe))
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


def _folder(data: Path, recipe: str, out: Path | None, name: str | None) -> Path:
    """The folder for the files. Raises `UsageError` for a name that no folder can have."""
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


export = with_options(export, ExportOptions, after="recipe")
export = with_options(export, TrackOptions, after="name")
