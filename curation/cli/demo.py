"""`curation demo`: the whole pipeline on the shipped sample, invented posts by three invented authors."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Json
from curation.errors import InputError, UsageError

if TYPE_CHECKING:
    from curation.collecting.land import Landing
    from curation.disk.workspace import Workspace


def demo(
    data: Annotated[Path | None, typer.Option("--data", help="A new folder; default: curation-demo.")] = None,
    json: Json = False,
) -> None:
    """Run the whole pipeline on invented posts, in a new folder."""
    from curation.corpus.corpus import Corpus
    from curation.corpus.curate import curate
    from curation.corpus.ledger import Ledger
    from curation.corpus.ledger_text import render
    from curation.disk.workspace import Workspace
    from curation.exports import export
    from curation.recipes.recipe import Recipe
    from curation.tracking import recorded

    folder = _fresh(data)
    space = Workspace(folder)
    recipe = Recipe.load("baseline")
    landings = list(_landings(space))
    _shown("run", "baseline", "--data", str(folder))
    with recorded(space, "run", {"recipe": "baseline"}, on_notice=output.say) as run:
        run.curated(curate(space, recipe))
    corpus = Corpus.open(space, "baseline")
    _shown("export", "baseline", "--format", "text", "--format", "jsonl", "--valid", "0.1", "--data", str(folder))
    out, options = space.exports / "baseline", {"valid": 0.1, "seed": 0}
    with recorded(
        space, "export", {"recipe": "baseline", "format": ["text", "jsonl"], **options}, on_notice=output.say
    ) as run:
        result = export(corpus, ["text", "jsonl"], out, **options)
        run.set_fields(seeds={"seed": 0})
        run.exported(corpus, out, result)
    _shown("ledger", "baseline", "--data", str(folder))
    ledger = Ledger.of(corpus)
    if json:
        collected = [landing.to_json() for landing in landings]
        figures = {"ledger": ledger.to_json(), "export": result.to_json()}
        output.print_json({"schema": 1, "data": str(folder), "collect": collected, **figures})
        return
    print(f"\n{render(ledger)}\nTraining text:")
    for file in result.files:
        print(f"  {file.path}  {file.in_words()}")
    print(f"\nWhy was a post removed?  curation explain POST_ID --data {shlex.quote(str(folder))}")


def _landings(space: Workspace) -> Iterator[Landing]:
    """Land the parts of the sample one after another."""
    from curation.collecting.land import land
    from curation.sources import open_source
    from curation.tracking import recorded
    from curation.tracking.artifacts import inputs_of

    for source, path in sample_parts():
        _shown("collect", source, str(_near(path)), "--data", str(space.root))
        opened = open_source(source, [str(path)])
        with recorded(space, "collect", {"source": source, "targets": [str(path)]}, on_notice=output.say) as run:
            run.read(*inputs_of(opened, [str(path)]))
            landing = land(space, opened)
            run.landed(landing)
        output.say(f"  {output.count(landing.landed, 'post')} by {', '.join(landing.authors)}")
        yield landing


def sample_parts() -> list[tuple[str, Path]]:
    """Each file of the sample, with the name of its source. Raises `InputError` for an incomplete installation."""
    package = Path(__file__).parent.parent
    # Beside the package in a checkout, inside it when it is installed.
    places = [place for place in (package.parent / "data" / "sample", package / "sample") if place.is_dir()]
    if not places:
        raise InputError("The sample is not part of this installation. Install the package again.")
    readers = (("x-archive", "*.zip"), ("file", "*.jsonl"), ("file", "*.csv"))
    return [(source, path) for source, pattern in readers for path in sorted(places[0].glob(pattern))]


def _fresh(data: Path | None) -> Path:
    if data:
        if data.exists() and (not data.is_dir() or any(data.iterdir())):
            raise UsageError(f"{data} exists already, and the demo needs a new folder. Name another one with --data.")
        return data
    names = ["curation-demo", *(f"curation-demo-{number}" for number in range(2, 1000))]
    return next(Path(name) for name in names if not Path(name).exists())


def _near(path: Path) -> Path:
    """The path relative to the current folder, if it is in it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _shown(*words: str) -> None:
    output.say(f"$ curation {shlex.join(words)}")
