"""What the script of a text says about its language.

Many scripts belong to one language, as far as posts go: Thai, Greek, Korean. Others leave a few: Cyrillic, Arabic,
Devanagari, Han. Among those, single letters may decide: Arabic writes ي where Persian writes ی, and langdetect confuses
them and takes one short Arabic post in six for Persian.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

import numpy as np

_AFTER_LATIN = 0x2B0

#: One character of these scripts tells as much as several letters of an alphabet.
DENSE = ("Han", "Kana", "Hangul")
DENSE_WEIGHT = 3

#: A text with at least one kana for this many Han characters is Japanese. A の alone also decorates Chinese.
HAN_TO_A_KANA = 8


@functools.cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("curation.functions.language").joinpath("scripts.toml").read_text(encoding="utf-8"))


@functools.cache
def script_languages() -> dict[str, tuple[str, ...]]:
    """The languages of each script, the most likely first; none for Latin, which has many."""
    return {name: tuple(script.get("languages", ())) for name, script in _data()["scripts"].items()}


def languages_by_script(texts: list[str]) -> list[tuple[str, ...] | None]:
    """The languages that the script of each text leaves; None for Latin and for no letters at all.

    The script with the most letters counts, and a letter of a dense one three times. `texts` are prepared: words and
    blanks.
    """
    languages: list[tuple[str, ...] | None] = [None] * len(texts)
    places = _beyond_latin(texts)
    if not places:
        return languages
    counts = _count([texts[place] for place in places])
    names, at = ["", *script_languages()], _places()
    for place, script, row in zip(places, _leading(counts).tolist(), counts, strict=True):
        name = names[script]
        if name == "Han" and row[at["Kana"]] * HAN_TO_A_KANA >= row[at["Han"]]:
            name = "Kana"
        if name and name != "Latin":
            languages[place] = _by_letters(texts[place], name)
    return languages


def _beyond_latin(texts: list[str]) -> list[int]:
    """The places of texts with a character after the Latin blocks: a quick test that most texts fail."""
    places = [place for place, text in enumerate(texts) if not text.isascii()]
    codes = np.frombuffer("".join(texts[place] for place in places).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum([len(texts[place]) for place in places])
    beyond = np.unique(np.searchsorted(ends, np.flatnonzero(codes >= _AFTER_LATIN), side="right"))
    return [places[place] for place in beyond.tolist()]


def _count(texts: list[str]) -> np.ndarray:
    """int64 [texts, scripts + 1]: the number of letters of each script in a text; the first column is for no script."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    text = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    width = len(_places()) + 1
    cells = text * width + _table().take(codes)
    return np.bincount(cells, minlength=len(texts) * width).reshape(len(texts), width)


def _leading(counts: np.ndarray) -> np.ndarray:
    """The place of each text's script; 0 for none. Han and Kana count together, as Han."""
    at, weighed = _places(), counts.copy()
    weighed[:, [at[name] for name in DENSE]] *= DENSE_WEIGHT
    weighed[:, 0] = 0
    weighed[:, at["Han"]] += weighed[:, at["Kana"]]
    weighed[:, at["Kana"]] = 0
    leading: np.ndarray = weighed.argmax(axis=1)
    return leading


def _by_letters(text: str, script: str) -> tuple[str, ...]:
    """The languages of a script that lack the fewest letters of a text."""
    languages = script_languages()[script]
    letters = _letters(script)
    text = text.lower()
    telling = letters[""].intersection(text)
    if not telling:
        return languages
    lacking = [sum(map(text.count, telling - letters[code])) for code in languages]
    fewest = min(lacking)
    return tuple(code for code, number in zip(languages, lacking, strict=True) if number == fewest)


@functools.cache
def _letters(script: str) -> dict[str, frozenset[str]]:
    """The telling letters of each language of a script, and of all of them under the empty code."""
    letters: dict[str, str] = _data()["letters"].get(script, {})
    return {code: frozenset(its) for code, its in letters.items()} | {"": frozenset("".join(letters.values()))}


@functools.cache
def _places() -> dict[str, int]:
    """The place of each script, from 1."""
    return {name: place for place, name in enumerate(script_languages(), start=1)}


@functools.cache
def _table() -> np.ndarray:
    """uint8 [code points]: the place of each one's script; 0 for none."""
    table = np.zeros(0x110000, np.uint8)
    for name, script in _data()["scripts"].items():
        for block in script["blocks"].split():
            first, _, last = block.partition("-")
            table[int(first, 16) : int(last or first, 16) + 1] = _places()[name]
    return table
