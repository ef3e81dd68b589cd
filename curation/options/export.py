"""What can be set of an export. A new option is one field here, and one place that uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from curation.errors import UsageError, did_you_mean
from curation.options.bounds import AtLeast, Between, OneOf, OrZero
from curation.options.option import ALWAYS, NEVER, Options, option

TRAIN, VALID = "train", "valid"

RANDOM, TIME, CONVERSATION = "random", "time", "conversation"
#: What decides on which side a post is.
SPLITS = (RANDOM, TIME, CONVERSATION)

#: The similarity from which texts are near copies: the default, as in the rule `near_duplicate`, and the least.
NEAR, LEAST_NEAR = 0.7, 0.5

#: The format with the boundaries of huggingtweets, and the fewest characters for it and for a training. A model would
#: memorize less text than that; huggingtweets refused it too.
TEXT, REFUSED_BELOW = "text", 6_000

#: The shipped formats in the order of the help: the module of `curation.exports` and the class of each.
FORMATS = {
    TEXT: ("formats.text", "Text"),
    "lines": ("formats.text", "Lines"),
    "jsonl": ("formats.jsonl", "Jsonl"),
    "parquet": ("formats.parquet", "Parquet"),
    "prompt-completion": ("conversations.formats", "PromptCompletion"),
    "chat": ("conversations.formats", "Chat"),
    "tokens": ("formats.tokens", "Tokens"),
    "documents": ("formats.jsonl", "Documents"),
    "mlx-text": ("formats.jsonl", "MlxText"),
    "mlx-chat": ("conversations.formats", "MlxChat"),
}

#: The share for validation and the split when the command line names a trainer and leaves them open.
VALID_FOR_TRAINERS, SPLIT_FOR_TRAINERS = 0.1, TIME

#: The epochs in a trainer's configuration unless the export says how many: as huggingtweets trained.
EPOCHS_FOR_TRAINERS = 4

#: Named sets of values, for what the command line leaves open.
PRESETS: dict[str, dict[str, Any]] = {
    # https://github.com/borisdayma/huggingtweets wrote every post four times, in four orders, and read the file once.
    "huggingtweets": {"epochs": 4},
}

#: Options that choose some of the kept posts, besides authors.
CHOOSING = ("search", "where", "caps")


#: What a cap can be for, and the columns that the posts of a group share.
CAPPED = {"author": "author", "month": "month", "author/month": "author, month"}


@dataclass(frozen=True)
class Cap:
    """At most `most` posts for each `what`, a key of `CAPPED`."""

    what: str
    most: int

    def __str__(self) -> str:
        return f"{self.what}={self.most}"

    @property
    def in_words(self) -> str:
        """As a clause: "500 for each author"."""
        return f"{self.most:,} for each {self.what.replace('/', ' and ')}"


def parse_caps(words: Iterable[str | Cap]) -> tuple[Cap, ...]:
    """Caps from the words of `--cap`, such as `author=500`. Raises `UsageError`.

    >>> parse_caps(["author/month=50"])
    (Cap(what='author/month', most=50),)
    """
    caps = []
    for word in map(str, words):
        what, separator, most = (part.strip() for part in word.partition("="))
        if what not in CAPPED or not separator:
            raise UsageError(
                f"There is no cap '{word}'; it is what it is for and a number, such as author=500."
                f"{did_you_mean(what, CAPPED)}"
            )
        if not (most.isascii() and most.isdigit() and int(most)):
            raise UsageError(f"The cap '{word}' needs a whole number of at least 1 behind the '=', such as {what}=500.")
        caps.append(Cap(what, int(most)))
    return tuple(caps)


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
        (), f"{TEXT} (the default), {', '.join([*FORMATS][1:-1])} or {[*FORMATS][-1]}. May be repeated.",
        flag="--format", label="Formats", in_manifest=NEVER, parse=_once,
    )  # fmt: skip
    trainers: tuple[str, ...] = option(
        (), "Also write a configuration for trl, axolotl, llamafactory, unsloth, mlx or ollama. May be repeated.",
        flag="--for", parameter="trainer", parse=_once,
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
    epochs: int | None = option(
        None, "Shuffled passes over the posts in the training file of `text`, and epochs in a trainer's configuration.",
        bound=AtLeast(1), unit="passes", label="Passes",
        open_default=f"1 pass and {EPOCHS_FOR_TRAINERS} epochs; with --like huggingtweets 4 passes",
    )  # fmt: skip
    seed: int = option(0, "Seed of the shuffle and split.", in_manifest=ALWAYS)
    instruction: str = option(
        "", "In prompt-completion and chat: the prompt for posts that are not replies.", parse=str.strip
    )
    reply_instruction: str = option(
        "", "In prompt-completion and chat: the prompt for replies to posts that are not kept; without it, the "
        "--instruction.", label="Instruction for replies to missing posts", parse=str.strip,
    )  # fmt: skip
    without_orphans: bool = option(
        False, "In prompt-completion and chat: leave out replies to posts that are not kept, also with an instruction.",
        label="Without replies to missing posts",
    )  # fmt: skip
    balance: bool = option(
        False, "In `text`: repeat the posts of smaller authors up to the largest.", label="Balance authors",
        in_manifest=ALWAYS,
    )  # fmt: skip
    authors: tuple[str, ...] = option((), "Only this author. May be repeated.", flag="--author", in_manifest=ALWAYS)
    search: str = option(
        "", 'Only posts that this search finds, as on the page Browse: words, "a phrase", OR, -word, *part*, #tag, '
        "/regular expression/, author:name, link:domain, since:2020-03. See docs/search.md.",
        parse=lambda search: search if isinstance(search, str) else search[0],
    )  # fmt: skip
    where: Mapping[str, tuple[str, ...]] = option(
        {}, "Only posts with this value: month=2020-03, language=en, kind=reply, length=40-79, platform=x, "
        "client=NAME, rewritten=RULE, cluster=NAME on a map, posts='x:1 x:2'. May be repeated: any of the values of "
        "one name, and all names.", flag="--only",
        parse=parse_where,
    )  # fmt: skip
    caps: tuple[Cap, ...] = option(
        (), "At most so many posts, drawn by the seed: author=500, month=2000 or author/month=50. May be "
        "repeated: the next applies to what is left.", flag="--cap", parse=parse_caps,
    )  # fmt: skip
    tokenizer: str = option(
        "", "In tokens: a tokenizer.json, a folder that has one, or a name on the Hub. Without it, one is learned "
        "from the training text.", parse=str,
    )  # fmt: skip
    vocabulary: int = option(0, "In tokens: vocabulary size to learn; 0: by the amount of text.", unit="tokens")
    end_of_document: str = option("", "In tokens: the token between posts, if not <|endoftext|>.")
    allow_small: bool = option(
        False, f"Write `text` even from fewer than {REFUSED_BELOW:,} characters.", label="Even very little text",
        in_manifest=NEVER,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Also check options that depend on each other. Raises `UsageError`."""
        super().__post_init__()
        if self.split != RANDOM and not self.valid:
            raise UsageError(f"A split by {self.split} needs the share that is to be valid, such as --valid 0.1.")
        if self.near != NEAR and not self.valid:
            raise UsageError("Near copies matter for a split; say the share that is to be valid, such as --valid 0.1.")

    @property
    def passes(self) -> int:
        """Passes over the posts in the training file of `text`."""
        return self.epochs or 1

    @property
    def orphan_prompt(self) -> str:
        """The prompt for replies to posts that are not kept; "" leaves them out."""
        return "" if self.without_orphans else self.reply_instruction or self.instruction

    @property
    def trainer_epochs(self) -> int:
        """Epochs in a trainer's configuration."""
        return self.epochs or EPOCHS_FOR_TRAINERS

    @classmethod
    def of_manifest(cls, values: Mapping[str, Any], **more: Any) -> Self:
        """The record with the values of a manifest; an older one has a text to search for as it is written."""
        text = values.get("search")
        older = {"search": as_written(text)} if text and isinstance(text, str) else {}
        return super().of_manifest({**values, **older}, **more)

    def manifest(self) -> dict[str, Any]:
        """The values for a manifest, as JSON, by field name. A search is a list, which tells it from an older text."""
        return super().manifest() | ({"search": [self.search]} if self.search else {})

    def words(self, *, of: Iterable[str] | None = None, always: Iterable[str] = ()) -> list[str]:
        """The words of `curation export` with the same options."""
        opened = [field.name for field in self.fields() if field.open_default] if self.trainers else []
        return super().words(of=of, always=(*always, *opened))


def values_like(preset: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the command line; those left open (None) get the values of a preset. Raises `UsageError`."""
    if preset and preset not in PRESETS:
        raise UsageError(f"--like {preset}: there are no such settings.{did_you_mean(preset, PRESETS)}")
    chosen = PRESETS.get(preset, {})
    return {name: chosen.get(name) if value is None else value for name, value in values.items()}


def as_written(text: str) -> str:
    r"""A search for a text as it is written, anywhere and whatever the case, as every search was at first.

    >>> as_written("24/7 (more)")
    '/24\\/7 \\(more\\)/'
    """
    return "/" + re.sub(r"([!-/:-@[-`{-~])", r"\\\1", text) + "/"


def for_trainers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the command line; those left open (None) get the values that a named trainer needs."""
    named = bool(values.get("trainers"))
    valid = values.get("valid")
    share = (VALID_FOR_TRAINERS if named else 0.0) if valid is None else valid
    split = values.get("split") or (SPLIT_FOR_TRAINERS if named and share else RANDOM)
    return {**values, "valid": share, "split": split}
