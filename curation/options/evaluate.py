"""What can be set of an evaluation of recipes."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.bounds import AtLeast
from curation.options.option import Options, option


@dataclass(frozen=True)
class EvaluateOptions(Options):
    """The models that are trained, and what the last recipe changes."""

    model: str = option(
        "ngram", "ngram (seconds) or gpt (minutes; needs torch).", flag="--with", parameter="model", metavar="MODEL"
    )
    seeds: int = option(3, "Models per recipe; for ngram, samples of the equal amount.", bound=AtLeast(1))
    steps: int | None = option(None, "Training steps of each gpt.", bound=AtLeast(1))
    seed: int = option(0, "Seed of the samples.", bound=AtLeast(0))
    changes: tuple[str, ...] = option(
        (), "Change a parameter of the last recipe: min_words.min=4. May be repeated.", flag="--set"
    )
    without: tuple[str, ...] = option((), "Leave this rule out of the last recipe. May be repeated.")
    fail_if_worse: bool = option(False, "Exit with 4 if a later recipe is measurably worse than A.")
