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


def places_by_languages(texts: list[str]) -> dict[tuple[str, ...] | None, list[int]]:
    """The places of the texts, by the languages that their script leaves; None: Latin and no letters at all.

    The script with the most letters counts, and a letter of a dense one three times. `texts` are prepared: words and
    blanks.
    """
    beyond, counts = _count(texts)
    leading, at = _leading(counts), _places()
    leading[(leading == at["Han"]) & (counts[:, at["Kana"]] * HAN_TO_A_KANA >= counts[:, at["Han"]])] = at["Kana"]
    rest = np.ones(len(texts), bool)
    rest[beyond] = False
    places: dict[tuple[str, ...] | None, list[int]] = {None: np.flatnonzero(rest).tolist()}
    names = ["", *script_languages()]
    for script in np.unique(leading).tolist():
        here = beyond[leading == script].tolist()
        if names[script] in _data()["letters"]:
            for place in here:
                places.setdefault(_by_letters(texts[place], names[script]), []).append(place)
        else:
            places.setdefault(script_languages().get(names[script]) or None, []).extend(here)
    return places


def _count(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The places of texts with a character after the Latin blocks, which most texts lack, and their letters by script.

    int64 [such texts], int64 [such texts, scripts + 1]; the first column is for no script.
    """
    width = len(_places()) + 1
    places = np.array([place for place, text in enumerate(texts) if not text.isascii()], np.int64)
    if not places.size:
        return places, np.zeros((0, width), np.int64)
    some = [texts[place] for place in places.tolist()]
    codes = np.frombuffer("".join(some).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, some), np.int64, len(some))
    beyond = np.maximum.reduceat(codes, np.cumsum(lengths) - lengths) >= _AFTER_LATIN
    codes, lengths = codes[np.repeat(beyond, lengths)], lengths[beyond]
    cells = np.repeat(np.arange(len(lengths)) * width, lengths) + _table().take(codes)
    return places[beyond], np.bincount(cells, minlength=len(lengths) * width).reshape(len(lengths), width)


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
