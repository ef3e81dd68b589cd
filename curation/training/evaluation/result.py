"""The result of an evaluation, and the results in a workspace: `DIR/evaluations/<digest>.json`.

Every figure is bits per character of held-out posts unless it has another name. There is one file for each set of
recipes and model, so a later evaluation replaces an earlier one of the same. It holds figures and names of recipes and
landings, and no posts.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from curation.disk.typed_json import parse
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace
from curation.writing.characters import json_text

#: Bits per character below which a difference does not matter, however certain it is.
LEAST = 0.006

#: How to read the figure, and what it does not measure.
READING = "Fewer bits per character of the held-out posts are better. In brackets: the 95% interval over these posts."
LIMIT = (
    "Bits per character reward text about the same topics as the held-out posts; they do not measure voice, and not "
    "whether somebody would like what the model writes."
)


@dataclass(frozen=True)
class Figure:
    """A recipe's model on the held-out posts; lower is better."""

    bits_per_character: float
    interval: tuple[float, float]  # 95%, over the held-out posts
    characters: int  # code points that the model learned from

    @property
    def words(self) -> tuple[str, str]:
        """The figure and its interval, for tables."""
        low, high = self.interval
        return f"{self.bits_per_character:.3f}", f"[{low:.3f}, {high:.3f}]"


@dataclass(frozen=True)
class Difference:
    """What a second recipe changes; below 0 its model is better."""

    difference: float
    interval: tuple[float, float]  # 95%, of the paired difference

    @property
    def measurable(self) -> bool:
        """Whether the interval lies on one side of zero and the difference is large enough to matter."""
        low, high = self.interval
        return (low > 0 or high < 0) and abs(self.difference) >= LEAST

    @property
    def word(self) -> str:
        """Which way it goes."""
        return "better" if self.difference < 0 else "worse"

    @property
    def amount(self) -> str:
        """The difference with its sign, as `−0.109`."""
        return f"{self.difference:+.3f}".replace("-", "−")

    @property
    def in_full(self) -> tuple[str, str]:
        """The difference and its interval with a digit more, for tables."""
        low, high = self.interval
        return f"{self.difference:+.4f}".replace("-", "−"), f"[{low:+.4f}, {high:+.4f}]".replace("-", "−")


@dataclass(frozen=True)
class RepetitionFigures:
    """How much of a recipe's kept text repeats; shares lie in [0, 1], None without any text to measure."""

    exact_copies: float | None  # share of posts that repeat another one's text, but for case and blanks
    near_copies: float | None  # share of posts that are one too many of a group of near copies (.7), copies included
    zlib_ratio: float | None  # bytes of the text ÷ bytes after zlib's level 6, by author and time; more: more repeats
    distinct_3: float | None  # different runs of three words ÷ all of them, in text of the equal budget


@dataclass(frozen=True)
class RecipeResult:
    """A recipe."""

    name: str
    fingerprint: str
    kept: int  # posts of the pool
    characters: int  # code points of these
    full: Figure  # learned from all of it
    equal: Figure  # learned from as many characters as every other recipe
    repetition: RepetitionFigures


@dataclass(frozen=True)
class Pair:
    """Two recipes."""

    a: str
    b: str
    full: Difference
    equal: Difference

    @property
    def sentence(self) -> str:
        """The verdict, for a person."""
        full, equal = self.full, self.equal
        names = f"'{self.a}' and '{self.b}'"
        if not full.measurable and not equal.measurable:
            return f"No measurable difference between {names}."
        if not full.measurable:
            return (
                f"No measurable difference between {names}; at an equal amount of text '{self.b}' is measurably "
                f"{equal.word} ({equal.amount})."
            )
        verdict = f"'{self.b}' is measurably {full.word} than '{self.a}': {full.amount} bits per character"
        if not equal.measurable:
            return f"{verdict}. At an equal amount of text there is no measurable difference."
        also = "also" if equal.word == full.word else f"but measurably {equal.word}"
        return f"{verdict}, {also} at an equal amount of text ({equal.amount})."


@dataclass(frozen=True)
class Evaluation:
    """Several recipes over the same posts."""

    model: str  # "ngram" or "gpt"
    settings: dict[str, Any]  # of the model: order, or steps and shape
    seed: int
    seeds: int
    held_out: dict[str, int]
    budget: int  # characters of the equal budget
    recipes: tuple[RecipeResult, ...]
    pairs: tuple[Pair, ...]  # each two, in the order of the recipes
    notes: tuple[str, ...]
    inputs: tuple[str, ...]  # names of the landings

    @property
    def headline(self) -> str:
        """The verdict on the first recipe and the others, for a person."""
        first = [pair for pair in self.pairs if pair.a == self.recipes[0].name]
        if len(first) > 1 and not any(pair.full.measurable or pair.equal.measurable for pair in self.pairs):
            return f"No measurable difference between any of the {len(self.recipes)} recipes."
        return " ".join(pair.sentence for pair in first)

    def worse_than_first(self) -> list[Pair]:
        """The pairs in which a later recipe is measurably worse than the first one, at full size."""
        return [
            pair
            for pair in self.pairs
            if pair.a == self.recipes[0].name and pair.full.measurable and pair.full.difference > 0
        ]

    def to_json(self) -> dict[str, Any]:
        """For `curation evaluate --json`."""
        return {
            "schema": 1,
            "headline": self.headline,
            "model": self.model,
            "settings": self.settings,
            "seed": self.seed,
            "seeds": self.seeds,
            "held_out": self.held_out,
            "budget": self.budget,
            "recipes": [dataclasses.asdict(each) for each in self.recipes],
            "pairs": [
                {"a": pair.a, "b": pair.b, **_difference(pair.full), "equal": _difference(pair.equal)}
                for pair in self.pairs
            ],
            "least": LEAST,
            "limit": LIMIT,
            "notes": list(self.notes),
            "inputs": list(self.inputs),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Evaluation:
        """The evaluation that `to_json` gave. Raises `KeyError` or `TypeError` for anything else."""
        pairs = [
            {"a": pair["a"], "b": pair["b"], "full": _figures(pair), "equal": _figures(pair["equal"])}
            for pair in record["pairs"]
        ]
        same = {field.name: record[field.name] for field in dataclasses.fields(cls)}
        evaluation: Evaluation = parse(cls, {**same, "pairs": pairs})
        return evaluation


def _difference(change: Difference) -> dict[str, Any]:
    return {"difference": change.difference, "interval": list(change.interval), "measurable": change.measurable}


def _figures(record: dict[str, Any]) -> dict[str, Any]:
    return {"difference": record["difference"], "interval": record["interval"]}


def keep(space: Workspace, evaluation: Evaluation) -> None:
    """Write an evaluation, whole or not at all. Raises `WorkspaceError` where the workspace can't be written."""
    same = json.dumps([evaluation.model, [[each.name, each.fingerprint] for each in evaluation.recipes]])
    name = f"{hashlib.sha256(same.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.json"
    with space.staging("evaluation") as staging, writing(space.evaluations):
        text = json_text(evaluation.to_json(), indent=2) + "\n"
        write_whole(space.evaluations / name, text, staging / name)


def evaluations(space: Workspace, fingerprint: str) -> list[Evaluation]:
    """The evaluations that include the recipe with this fingerprint, in a fixed order. Damaged files are skipped."""
    of_recipe = []
    for path in sorted(space.evaluations.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            evaluation = Evaluation.from_json(json.loads(path.read_text(encoding="utf-8")))
            if any(each.fingerprint == fingerprint for each in evaluation.recipes):
                of_recipe.append(evaluation)
    return of_recipe
