"""What texts of a language look like once their encoding is right: letters, frequent characters, short words.

A single-byte table decodes almost any bytes, so decoding without an error proves nothing. The proof is that the
decoded characters are the ones the language uses most. `encoding_profiles.toml` has the tables.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class EncodingProfile:
    """A language for the judge of encodings: one in a script of its own, or one in Latin letters with short words."""

    language: str
    alphabet: str = "Latin"
    #: Letters outside ASCII of a script: ranges of code points, both ends included.
    script: tuple[tuple[int, int], ...] = ()
    #: Frequent characters of the script. They make up at least `expected` of its letters in running text.
    frequent: frozenset[str] = frozenset()
    expected: float = 0.6
    #: Small letters outside ASCII, in Latin letters.
    letters: frozenset[str] = frozenset()
    #: Short words, in Latin letters.
    words: frozenset[str] = frozenset()


def _latin(table: dict[str, Any]) -> dict[str, EncodingProfile]:
    return {
        name: EncodingProfile(p["language"], letters=frozenset(p["letters"]), words=frozenset(p["words"].split()))
        for name, p in table.items()
    }


_TABLES = tomllib.loads(files(__package__).joinpath("encoding_profiles.toml").read_text(encoding="utf-8"))
_SCRIPTS = {
    name: EncodingProfile(
        p["language"],
        p["alphabet"],
        tuple((first, last) for first, last in _TABLES["alphabets"][p["alphabet"]] + p.get("also", [])),
        frozenset(p["frequent"]),
        p["expected"],
    )
    for name, p in _TABLES["scripts"].items()
}
#: Languages whose letters Windows-1252 has, and languages in other Latin letters.
WESTERN, OTHER_LATIN = _latin(_TABLES["western"]), _latin(_TABLES["latin"])
PROFILES = _SCRIPTS | WESTERN | OTHER_LATIN
#: Python's name of an encoding → the languages it is tried for.
CANDIDATES: dict[str, list[str]] = _TABLES["candidates"]

#: Posts of many Western languages in one file. Words that another Latin language has as well prove nothing.
WESTERN_MIXED = EncodingProfile(
    "Western European",
    letters=frozenset("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿœßšžªº"),
    words=frozenset(w for p in WESTERN.values() for w in p.words if len(w) > 1)
    - frozenset(w for p in OTHER_LATIN.values() for w in p.words),
)
