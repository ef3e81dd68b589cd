"""What values a setting may take, as data: the ends of a range, the words of a choice.

Checks, messages, pages and the command line all read the fields of a bound.

>>> Between(0, 1, below=True).fits(1), Between(0, 1).fits(1)
(False, True)
>>> Between(0, 1)(2)
'a number from 0 to 1'
>>> OneOf("author", "global").sentence
'one of "author", "global"'
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

#: A check of a value: gives None for a valid value, otherwise what would be valid. Every bound is a check.
Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Bound(ABC):
    """What a value may be. Called with a value, a bound gives None or its `sentence`, so it is a `Check`."""

    @abstractmethod
    def fits(self, value: Any) -> bool:
        """Whether the value is valid."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What is valid, in words that follow "should be": a number from 0 to 1."""

    @property
    @abstractmethod
    def limits(self) -> str:
        """What is valid, in words that follow "it must be": at least 0 and at most 1."""

    @property
    def low(self) -> float | None:
        """The least number; None without one."""
        return None

    @property
    def high(self) -> float | None:
        """The greatest number; None without one."""
        return None

    @property
    def choices(self) -> tuple[str, ...]:
        """The words to choose from; empty unless there are a few."""
        return ()

    def __call__(self, value: Any) -> str | None:
        """None for a valid value, else the sentence."""
        return None if self.fits(value) else self.sentence


@dataclass(frozen=True)
class Between(Bound):
    """A number from `least` to `most`, both included unless it must be `above` or `below` them."""

    least: float
    most: float | None
    above: bool = False
    below: bool = False

    def fits(self, value: Any) -> bool:
        enough = value > self.least if self.above else value >= self.least
        return bool(enough and (self.most is None or (value < self.most if self.below else value <= self.most)))

    @property
    def sentence(self) -> str:
        low = f"above {self.least}" if self.above else f"of at least {self.least}"
        if self.most is None:
            return f"a number {low}"
        if not self.above and not self.below:
            return f"a number from {self.least} to {self.most}"
        return f"a number {low} and {'below' if self.below else 'at most'} {self.most}"

    @property
    def limits(self) -> str:
        low = f"{'above' if self.above else 'at least'} {in_digits(self.least)}"
        return low if self.most is None else f"{low} and {'below' if self.below else 'at most'} {in_digits(self.most)}"

    @property
    def low(self) -> float:
        return self.least

    @property
    def high(self) -> float | None:
        return self.most


@dataclass(frozen=True)
class AtLeast(Between):
    """A number of at least `least`, or `above` it."""

    most: float | None = field(default=None, init=False)


@dataclass(frozen=True, init=False)
class OneOf(Bound):
    """One of a few words."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)

    def fits(self, value: Any) -> bool:
        return value in self.words

    @property
    def sentence(self) -> str:
        return "one of " + ", ".join(f'"{word}"' for word in self.words)

    @property
    def limits(self) -> str:
        return f"one of {', '.join(self.words)}"

    @property
    def choices(self) -> tuple[str, ...]:
        return self.words


@dataclass(frozen=True)
class Each(Bound):
    """A list of values that all fit `bound`; messages call one of them a `noun`."""

    bound: Bound
    noun: str = "value"

    def fits(self, value: Iterable[Any]) -> bool:
        return not self.misfits(value)

    def misfits(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """The values that don't fit, in their order."""
        return tuple(value for value in values if not self.bound.fits(value))

    @property
    def sentence(self) -> str:
        return f"a list, each {self.bound.sentence}"

    @property
    def limits(self) -> str:
        return f"a list, each {self.bound.limits}"

    @property
    def choices(self) -> tuple[str, ...]:
        return self.bound.choices


@dataclass(frozen=True)
class OrZero(Bound):
    """A number within `bound`, or 0, which switches something off."""

    bound: Bound

    def fits(self, value: Any) -> bool:
        return bool(value == 0) or self.bound.fits(value)

    @property
    def sentence(self) -> str:
        return f"{self.bound.sentence}, or 0"

    @property
    def limits(self) -> str:
        return f"{self.bound.limits}, or 0"

    @property
    def low(self) -> float:
        return 0

    @property
    def high(self) -> float | None:
        return self.bound.high


def in_digits(limit: float) -> str:
    """A limit for a message: whole numbers with commas, others in as few digits as are exact."""
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"
