"""What can be set of a generation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curation.options.option import Options, option


@dataclass(frozen=True)
class GenerateOptions(Options):
    """How samples are drawn, and a picture of them. The bounds are those of `training.generation.sampling`."""

    samples: int = option(5, "Number of texts.", short="-n")
    temperature: float | None = option(
        None, "Above 1: bolder; below 1: more predictable; 0: always the likeliest token."
    )
    top_p: float | None = option(None, "Sample from the likeliest tokens with this share of the probability.")
    max_new_tokens: int | None = option(None, "The most tokens added to the prompt.")
    seed: int | None = option(None, "The same seed gives the same texts; default: random.")
    picture: Path | None = option(None, "Draw name, prompt and three samples as a PNG, 1200 by 630.")
