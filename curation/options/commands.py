"""What can be set of the commands besides an export and a training: one record for each subject."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import UsageError
from curation.options.bounds import AtLeast, Between
from curation.options.export import REFUSED_BELOW
from curation.options.option import Options, flag, option

#: The number of seeds of a generation.
SEEDS = 1 << 32


@dataclass(frozen=True)
class EngineOptions(Options):
    """Processes and memory."""

    workers: int = option(0, "Worker processes; 0: one for each core.", bound=AtLeast(0))
    memory_limit: str = option("1GB", "Memory for the databases; the rest spills to disk.")


@dataclass(frozen=True)
class RunOptions(Options):
    """The corpus of a run."""

    as_name: str | None = option(
        None, "Name the corpus; default: the recipe's name.", flag="--as", parameter="as_name", metavar="NAME"
    )
    without_pins: bool = option(False, "Leave the decisions by hand out.")
    pins_only: bool = option(False, "Only apply the decisions by hand, to the corpus as it is.")


@dataclass(frozen=True)
class ViewOptions(Options):
    """Which saved view a command takes its posts from."""

    view: str = option("", "The kept posts of a saved view; `curation views` lists them.", metavar="NAME")


@dataclass(frozen=True)
class TrackOptions(Options):
    """Where a run is mirrored."""

    track: tuple[str, ...] = option(
        (), "Mirror the run to wandb or trackio, offline. May be repeated.", variable="CURATION_TRACK"
    )
    track_project: str | None = option(None, "The trackers' project name; default: curation.")
    track_files: bool = option(False, "Put the files, with all posts, into the trackers' artifacts.")


#: Options of the run, and of no source.
OF_RUN = ("again", "missing_ok", "explain_format", "dry_run", "yes")


@dataclass(frozen=True)
class CollectOptions(Options):
    """The options of all sources, and of the run."""

    author: str | None = option(None, "The author, if the input names none.")
    format: str | None = option(None, "The file's format: auto, or one listed by `curation sources file`.")
    map: tuple[str, ...] = option(
        (), "The column of a field, for example text=words. May be repeated.", metavar="FIELD=COLUMN"
    )
    encoding: str | None = option(None, "The file's encoding, if it is not detected.", metavar="NAME")
    platform: str | None = option(None, "The platform, if the input does not name it.")
    private: bool = option(False, "Also read what --author wrote in private chats.")
    dates: str | None = option(
        None, "The order of dates like 02-03-2020: auto (from the column), day-first, month-first or year-first.",
        metavar="ORDER",
    )  # fmt: skip
    base_url: str | None = option(None, "Another server with the same API.", metavar="URL")
    token_file: Path | None = option(None, "A file with the token; the token is never shown or stored.")
    max_posts: int | None = option(None, "The most posts to fetch in one run.", bound=AtLeast(1))
    max_wait: float | None = option(
        None, "The longest wait for a server, in seconds.", bound=AtLeast(0), metavar="SECONDS"
    )

    again: bool = option(False, "Read the whole list again, whatever has landed.")
    missing_ok: bool = option(False, "Accept fewer posts than the profile counts as complete.")
    explain_format: bool = option(False, "Show how each file is recognised, and land nothing.")
    dry_run: bool = option(False, "Show whose posts would land, how many and since when, and land nothing.")
    yes: bool = option(False, "Agree to the cost.")

    @property
    def mapping(self) -> dict[str, str]:
        """The column for each field. Raises `UsageError`."""
        mapping = {}
        for pair in self.map:
            field, equals, column = pair.partition("=")
            if not equals or not field or not column:
                raise UsageError(f"--map {pair}: write it as field=column, such as text=Tweet.")
            mapping[field.strip()] = column.strip()
        return mapping

    def of_source(self) -> dict[str, Any]:
        """The options for a source. Raises `UsageError`."""
        values = {name: value for name, value in vars(self).items() if name not in OF_RUN}
        return {**values, "map": self.mapping}


@dataclass(frozen=True)
class ForgetOptions(Options):
    """How posts are forgotten."""

    resume: bool = option(False, "Complete an interrupted forget; give nothing else.")
    yes: bool = option(False, "Don't ask, and also ban a handle that has no post here.")
    dry_run: bool = option(False, "Show what would happen, and change nothing.")


@dataclass(frozen=True)
class CompareOptions(Options):
    """What a comparison needs besides the two names."""

    changes: Sequence[str] = option((), "Change a parameter of B: min_words.min=4. May be repeated.", flag="--set")
    without: Sequence[str] = option((), "Leave this rule out of B. May be repeated.")
    by: str = option("author", "author, month, length or language.")
    authors: Sequence[str] = option((), "Only this author. May be repeated.", flag="--author")
    samples: int = option(10, "Changed posts to show.", bound=AtLeast(0))
    seed: int = option(0, "Seed of the samples.")


@dataclass(frozen=True)
class WordsOptions(Options):
    """Whose words are counted, and what they are compared with."""

    author: str | None = option(None, "Only this author.")
    rule: str | None = option(None, "Compare the posts that this rule removes with the kept ones.")
    year: str | None = option(None, "Compare the posts of this year with those of all others.", metavar="YYYY")
    other_year: str | None = option(None, "Compare --year with this year alone.", metavar="YYYY")
    against: str | None = option(None, "Compare the kept posts with those of this corpus.", metavar="CORPUS")
    top: int = option(25, "Rows of each list.", bound=Between(1, 1_000))
    offset: str = option("0", "Hours from UTC for the hours of the day, such as +2 or -3:30.", metavar="HOURS")


@dataclass(frozen=True)
class EvaluateOptions(Options):
    """The models to train, and what the last recipe changes."""

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


@dataclass(frozen=True)
class GenerateOptions(Options):
    """How samples are drawn, and a picture of them. None stands for what the model's generation_config.json says."""

    samples: int = option(5, "Number of texts.", short="-n", bound=Between(1, 1_000))
    temperature: float | None = option(
        None, "Above 1: bolder; below 1: more predictable; 0: always the likeliest token.", bound=Between(0, 100)
    )
    top_p: float | None = option(
        None, "Sample from the likeliest tokens with this share of the probability.", bound=Between(0, 1, above=True)
    )
    max_new_tokens: int | None = option(None, "The most tokens added to the prompt.", bound=AtLeast(1))
    seed: int | None = option(None, "The same seed gives the same texts; default: random.", bound=Between(0, SEEDS - 1))
    picture: Path | None = option(None, "Draw name, prompt and three samples as a PNG, 1200 by 630.")

    def seeded(self) -> GenerateOptions:
        """The same with a seed."""
        return self if self.seed is not None else dataclasses.replace(self, seed=secrets.randbelow(SEEDS))


@dataclass(frozen=True)
class PinOptions(Options):
    """What to do with the pins of some posts."""

    keep: bool = option(False, "They must be kept.")
    remove: bool = option(False, "They must be removed.")
    drop: bool = option(False, "Delete their pins.")
    undo: bool = option(False, "Take back the latest change of pins.")
    note: str | None = option(None, "Why, in a few words.")
    by: str | None = option(None, "Who says so.", metavar="NAME")
    platform: str | None = option(None, "Their platform: x, bluesky, mastodon, …")

    @property
    def deeds(self) -> list[str]:
        """The flags that were given, of the four that exclude each other."""
        return [f"--{name}" for name in ("keep", "remove", "drop", "undo") if getattr(self, name)]

    @property
    def texts(self) -> dict[str, str | None]:
        """The note and who says so, as the file can have them; None: not given."""
        return {
            name: value and value.encode("utf-8", "replace").decode("utf-8")
            for name, value in (("note", self.note), ("by", self.by))
        }


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


#: Options that only one kind of card uses, by kind.
ONLY_FOR = {
    "dataset": ("contact",),
    "model": ("model", "base_model", "hyperparameter", "explore", "thumbnail", "prompt"),
}
#: Options that the record of a trained model answers.
OF_RECORD = ("author", "base_model", "hyperparameter")


@dataclass(frozen=True)
class CardOptions(Options):
    """Every option of a card except its subject and its place."""

    author: tuple[str, ...] = option((), "Only this author. May be repeated.")
    name: str = option("", "The name of the dataset or model.")
    contact: str = option("", "dataset: a contact for removal, an address or text.")
    model: str = option("", "model: a model trained here; its record fills in the card.", metavar="NAME")
    base_model: str = option("", "model: the base model, for example openai-community/gpt2.")
    hyperparameter: tuple[str, ...] = option(
        (), "model: a hyperparameter of the training. May be repeated.", metavar="NAME=VALUE"
    )
    explore: str = option("", "model: address of a page with the training data.")
    thumbnail: str = option("", "model: address of a picture.")
    prompt: tuple[str, ...] = option((), "model: an example prompt. May be repeated.")
    push: str = option("", "Send the card and its files to the Hub, with your token.", metavar="OWNER/NAME")

    def require_kind(self, kind: str) -> None:
        """Raise `UsageError` for an option that only another kind of card uses."""
        for other, names in ONLY_FOR.items():
            for name in names if other != kind else ():
                if getattr(self, name):
                    raise UsageError(f"{flag(name)} is for --kind {other}, and this card is of the kind {kind}.")

    def require_unrecorded(self) -> None:
        """Raise `UsageError` for an option that the record of the model answers."""
        for name in OF_RECORD if self.model else ():
            if getattr(self, name):
                raise UsageError(f"{flag(name)} is not for --model: the record of {self.model} has it.")


#: Options that choose among the posts of a recipe.
OF_RECIPE = ("valid", "split", "author", "instruction")


@dataclass(frozen=True)
class TrainOptions(Options):
    """The training text, and what to do with an interrupted training."""

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
