"""What can be set of an export. A new option is one field here, and one place that uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.errors import UsageError
from curation.options.bounds import AtLeast, Between, OneOf, OrZero
from curation.options.caps import Cap, parse_caps
from curation.options.option import ALWAYS, NEVER, Options, option

TRAIN, VALID = "train", "valid"

RANDOM, TIME, CONVERSATION = "random", "time", "conversation"
#: What may decide on which side a post stands.
SPLITS = (RANDOM, TIME, CONVERSATION)

#: The usual similarity from which on texts are near copies, as in the rule `near_duplicate`, and the least.
NEAR, LEAST_NEAR = 0.7, 0.5

#: The format with the boundaries of huggingtweets, and the least characters of text for it and for a training: a model
#: would learn fewer by heart, and huggingtweets refused them too.
TEXT, REFUSED_BELOW = "text", 6_000

#: The share for validation and what decides, on the command line, when a trainer is named and they are not.
VALID_FOR_TRAINERS, SPLIT_FOR_TRAINERS = 0.1, TIME

#: Options by which some of the kept posts are chosen, besides authors.
CHOOSING = ("search", "where", "caps")


def parse_where(words: Mapping[str, Iterable[str]] | Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Values by facet, from words such as `month=2020-03`. Raises `UsageError`.

    >>> parse_where(["month=2020-01", "month=2020-02", "author=a=b"])
    {'month': ('2020-01', '2020-02'), 'author': ('a=b',)}
    """
    if isinstance(words, Mapping):
        return {name: tuple(values) for name, values in words.items()}
    where: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"--only {word}: write a facet and a value, as --only month=2020-03.")
        where[name.strip()] = (*where.get(name.strip(), ()), value)
    return where


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


@dataclass(frozen=True)
class ExportOptions(Options):
    """Every option of an export."""

    formats: tuple[str, ...] = option(
        (), "text (the default), lines, jsonl, parquet, prompt-completion, chat, tokens, documents, mlx-text or "
        "mlx-chat. May be repeated.", flag="--format", label="Formats", in_manifest=NEVER, read=_once,
    )  # fmt: skip
    # Not on the page: the files are for a folder in which the trainer is started.
    trainers: tuple[str, ...] = option(
        (), "Also write a configuration for trl, axolotl, llamafactory, unsloth, mlx or ollama. May be repeated.",
        flag="--for", parameter="trainer", on_page=False, read=_once,
    )  # fmt: skip
    valid: float = option(
        0.0, "Share of texts for validation, such as 0.1. Copies and near copies of a text go to one side.",
        bound=Between(0, 1, below=True), unit="share of texts", label="Share for validation",
        open_default="none, with --for 0.1", in_manifest=ALWAYS,
    )  # fmt: skip
    split: str = option(
        RANDOM, "How texts are split: random (a hash of the text), time (the newest for validation) or "
        "conversation (posts that answer one another stay together).",
        bound=OneOf(*SPLITS), label="Which are for validation", open_default="random, with --for time",
    )  # fmt: skip
    near: float = option(
        NEAR, f"Similarity from which texts stay on one side of the split, {LEAST_NEAR} to 1; 0: exact copies only.",
        bound=OrZero(Between(LEAST_NEAR, 1)), unit="Jaccard similarity", label="Near copies on one side",
    )  # fmt: skip
    epochs: int = option(
        4,
        "Shuffled passes over the posts in the training file of `text`.",
        bound=AtLeast(1),
        unit="passes",
        in_manifest=ALWAYS,
    )
    seed: int = option(0, "Seed of the shuffle and split.", in_manifest=ALWAYS)
    instruction: str = option(
        "", "In prompt-completion and chat: the prompt for posts that are not replies.", read=str.strip
    )
    balance: bool = option(
        False, "In `text`: repeat the posts of smaller authors up to the largest.", label="Balance authors",
        in_manifest=ALWAYS,
    )  # fmt: skip
    authors: tuple[str, ...] = option((), "Only this author. May be repeated.", flag="--author", in_manifest=ALWAYS)
    search: str = option("", "Only posts that contain this text, before or after rewriting.")
    where: Mapping[str, tuple[str, ...]] = option(
        {}, "Only posts with this value: month=2020-03, language=en, kind=reply, length=40-79, platform=x, "
        "rewritten=RULE. May be repeated: any of the values of one name, and all names.", flag="--only",
        read=parse_where,
    )  # fmt: skip
    caps: tuple[Cap, ...] = option(
        (), "At most so many posts, drawn by the seed: author=500, month=2000 or author/month=50. May be "
        "repeated: the next applies to what is left.", flag="--cap", read=parse_caps,
    )  # fmt: skip
    # Not on the page: it names files of the machine that serves it, or loads one from the Hub.
    tokenizer: str = option(
        "", "In tokens: a tokenizer.json, a folder that has one, or a name on the Hub. Without it, one is learned "
        "from the training text.", on_page=False, read=str,
    )  # fmt: skip
    vocabulary: int = option(
        0, "In tokens: vocabulary size to learn; 0: by the amount of text.", unit="tokens", on_page=False
    )
    end_of_document: str = option("", "In tokens: the token between posts, if not <|endoftext|>.", on_page=False)
    allow_small: bool = option(
        False, f"Write `text` even from fewer than {REFUSED_BELOW:,} characters.", label="Even very little text",
        in_manifest=NEVER,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check also what belongs together. Raises `UsageError`."""
        super().__post_init__()
        if self.split != RANDOM and not self.valid:
            raise UsageError(f"A split by {self.split} needs the share that is to be valid, such as --valid 0.1.")
        if self.near != NEAR and not self.valid:
            raise UsageError("Near copies matter for a split; say the share that is to be valid, such as --valid 0.1.")

    def words(self, *, of: Iterable[str] | None = None, always: Iterable[str] = ()) -> list[str]:
        """The words of `curation export` with the same options."""
        opened = [field.name for field in self.fields() if field.option.open_default] if self.trainers else []
        return super().words(of=of, always=(*always, *opened))


def for_trainers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the command line with those that were left open, None, as a named trainer needs them."""
    named = bool(values.get("trainers"))
    valid = values.get("valid")
    share = (VALID_FOR_TRAINERS if named else 0.0) if valid is None else valid
    split = values.get("split") or (SPLIT_FOR_TRAINERS if named and share else RANDOM)
    return {**values, "valid": share, "split": split}
