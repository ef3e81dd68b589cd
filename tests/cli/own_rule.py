"""A rule of one's own, with a function of one's own, as `--rules` takes it."""

from __future__ import annotations

from dataclasses import dataclass

from curation.functions.base import BatchFunction
from curation.rules.base import Filter, param


def vowels(texts):
    """Vowels of each text."""
    return [sum(letter in "aeiou" for letter in text) for text in texts]


@dataclass(frozen=True, kw_only=True)
class Vowels(Filter):
    """Fewer than `min` vowels"""

    use = "vowels"
    title = "Few vowels"
    min: int = param(3, doc="vowels")

    def functions(self):
        """The word `own_vowels`."""
        return (BatchFunction(name="own_vowels", version="1", returns="BIGINT", call=vowels),)

    def measure(self):
        """Vowels."""
        return "own_vowels(text)"

    def removes(self):
        """Too few of them."""
        return f"{self.name} < {self.min}"
