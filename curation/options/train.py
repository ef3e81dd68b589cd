"""What can be set of `curation train` besides the training itself: which posts are learned, and how it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from curation.options.export import REFUSED_BELOW
from curation.options.option import Options, option

#: Options that choose among the posts of a recipe.
OF_RECIPE = ("valid", "split", "author", "instruction")


@dataclass(frozen=True)
class TrainOptions(Options):
    """The training text, and what becomes of an interrupted training."""

    format: str = option(
        "", "The format to learn from: jsonl (default), parquet, lines, tokens, prompt-completion or chat."
    )
    valid: float | None = option(None, "With a recipe: share of held-out posts; default: 0.1.")
    split: str | None = option(None, "With a recipe: how posts are held out: time (default), random or conversation.")
    author: tuple[str, ...] = option((), "With a recipe: only this author. May be repeated.")
    instruction: str = option(
        "", "With a recipe and chat or prompt-completion: the prompt for posts that are not replies."
    )
    resume: bool = option(False, "Continue an interrupted training of this name.")
    restart: bool = option(False, "Discard an interrupted training of this name.")
    allow_small: bool = option(False, f"Train even on fewer than {REFUSED_BELOW:,} characters.")
