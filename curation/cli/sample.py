"""The shipped sample: invented posts by three invented authors, as an archive, a scraper's file and a table."""

from __future__ import annotations

from pathlib import Path

from curation.errors import InputError


def folder() -> Path:
    """Where the sample lies: beside the package in a checkout, inside it when it is installed."""
    package = Path(__file__).parent.parent
    for place in (package.parent / "data" / "sample", package / "sample"):
        if place.is_dir():
            return place
    raise InputError("The sample is not part of this installation. Install the package again.")


def parts() -> list[tuple[str, Path]]:
    """Each file of the sample with the source that reads it."""
    place = folder()
    return [
        *(("x-archive", path) for path in sorted(place.glob("*.zip"))),
        *(("file", path) for path in sorted(place.glob("*.jsonl"))),
        *(("file", path) for path in sorted(place.glob("*.csv"))),
    ]
