"""What can be set of a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curation.options.bounds import AtLeast
from curation.options.option import Options, option


@dataclass(frozen=True)
class ReportOptions(Options):
    """What a report compares with, where it goes, and what it shows."""

    against: str | None = option(None, "Compare with this corpus, shipped recipe or TOML file.")
    changes: tuple[str, ...] = option((), "Compare with this change: min_words.min=4. May be repeated.", flag="--set")
    without: tuple[str, ...] = option((), "Compare with this rule left out. May be repeated.")
    out: Path | None = option(None, "The file; default: DIR/exports/RECIPE/report.html.")
    samples: int = option(5, "Sample posts for each verdict.", bound=AtLeast(0))
    no_texts: bool = option(False, "Leave out the texts of posts.")
    seed: int = option(0, "Seed of the samples.")
