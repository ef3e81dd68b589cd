"""The 55 profiles of langdetect as arrays: its n-grams, and how likely each language uses them.

A profile is a JSON file that counts the 1-, 2- and 3-grams of one language's Wikipedia. langdetect stores them as a
dictionary of lists. Here every n-gram is a row of a matrix, and its *key* is an integer of the symbols of its
characters. Reading the files takes 0.2 s instead of 0.5 s, and nothing is copied from the package.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: Bits of one symbol in a key; three of them make an n-gram.
SYMBOL_BITS = 16

# Symbols that are not characters of a profile. Symbols from `Profiles.first_upper` on are upper case; that one is an
# unknown character in upper case.
BLANK, UNKNOWN, NO_SYMBOL = 0, 1, 2
#: A code point whose symbol is not known yet.
UNASKED = 0xFFFF

#: langdetect's alpha before a draw, its width, and `BASE_FREQ`: how an n-gram counts that a language lacks.
ALPHA, ALPHA_WIDTH, BASE_FREQUENCY = 0.5, 0.05, 10_000

# Cuckoo hashing: each of two tables has one possible slot for a key, so a look-up is two reads.
_SLOT_BITS = 18
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


@dataclass(frozen=True, eq=False)
class Profiles:
    """What langdetect knows. The commonest n-grams come first, so that they share cache lines."""

    languages: tuple[str, ...]  # langdetect's codes, in the order in which it reads its files
    symbols: dict[str, int]  # the symbol of each character in an n-gram of some profile
    first_upper: int  # symbols from here on are upper-case characters
    keys: np.ndarray  # uint64 [n-grams + 1]: the key of each row; the last is not an n-gram
    slots: np.ndarray  # int32 [2, SLOTS]: rows in two hash tables, `missing` where empty; each row is in one
    rows: np.ndarray  # int32 [entries]: row, column and value of each probability that is not 0
    columns: np.ndarray  # int8 [entries]
    values: np.ndarray  # float64 [entries]

    @property
    def missing(self) -> int:
        """The row for an n-gram of no profile."""
        return len(self.keys) - 1

    @functools.cached_property
    def probability(self) -> np.ndarray:
        """float64 [n-grams, languages]: the share of an n-gram among those of its length in a language; 38 MB."""
        dense = np.zeros((self.missing, len(self.languages)))
        dense[self.rows, self.columns] = self.values
        return dense

    @functools.cached_property
    def single(self) -> np.ndarray:
        """int32 [symbols]: the row of a symbol as a 1-gram, `missing` where it has none."""
        symbols = np.arange(max(self.first_upper, *self.symbols.values()) + 1)
        nothing = np.full(len(symbols), NO_SYMBOL)
        return self.find(pack(nothing, nothing, symbols))

    def find(self, keys: np.ndarray) -> np.ndarray:
        """The row of each key (uint64) as int32, `missing` if no profile has it."""
        rows: np.ndarray = self.slots[0].take(_hash(keys, 0))
        elsewhere = np.flatnonzero(self.keys.take(rows) != keys)
        unmatched = keys.take(elsewhere)
        second = self.slots[1].take(_hash(unmatched, 1))
        second[self.keys.take(second) != unmatched] = self.missing
        rows[elsewhere] = second
        return rows


@functools.cache
def profiles() -> Profiles:
    """Read the profiles of the installed langdetect, once in a process."""
    import orjson
    from langdetect.detector_factory import PROFILES_DIRECTORY

    languages: list[str] = []
    grams: list[str] = []
    values: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    # The last bit of sums over languages depends on their order, and langdetect's order is that of the directory.
    for name in os.listdir(PROFILES_DIRECTORY):  # noqa: PTH208
        path = Path(PROFILES_DIRECTORY, name)
        if name.startswith(".") or not path.is_file():
            continue
        profile = orjson.loads(path.read_bytes())
        frequencies = profile["freq"]
        lengths = np.fromiter(map(len, frequencies), np.int64, len(frequencies))
        counts = np.fromiter(frequencies.values(), np.float64, len(frequencies))
        grams += frequencies
        columns.append(np.full(len(frequencies), len(languages), np.int8))
        values.append(counts / np.array(profile["n_words"], np.float64)[lengths - 1])
        languages.append(profile["name"])
    return _arranged(tuple(languages), grams, np.concatenate(columns), np.concatenate(values))


def _arranged(languages: tuple[str, ...], grams: list[str], columns: np.ndarray, values: np.ndarray) -> Profiles:
    """One row for each n-gram that can occur in a text."""
    symbols, first_upper = _alphabet(set("".join(grams)))
    keys = _keys_of(grams, symbols)
    distinct, rows = np.unique(keys, return_inverse=True)
    weights = np.bincount(rows, values)
    order = np.argsort(-weights, kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    sorted_keys = np.append(distinct[order], np.uint64(2**64 - 1))
    return Profiles(
        languages, symbols, first_upper, sorted_keys, _hash_tables(sorted_keys), place[rows], columns, values
    )


def _alphabet(characters: set[str]) -> tuple[dict[str, int], int]:
    characters.discard(" ")
    lower = sorted(character for character in characters if not character.isupper())
    upper = sorted(character for character in characters if character.isupper())
    symbols = {" ": BLANK} | {character: at for at, character in enumerate(lower, NO_SYMBOL + 1)}
    first_upper = NO_SYMBOL + 1 + len(lower)
    return symbols | {character: at for at, character in enumerate(upper, first_upper + 1)}, first_upper


def pack(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Keys (uint64) of the n-grams with these symbols; `NO_SYMBOL` fills up shorter ones at the beginning."""
    return (
        (first.astype(np.uint64) << (2 * SYMBOL_BITS))
        | (second.astype(np.uint64) << SYMBOL_BITS)
        | third.astype(np.uint64)
    )


def _keys_of(grams: list[str], symbols: dict[str, int]) -> np.ndarray:
    padded = "".join(gram.rjust(3, "\0") for gram in grams)
    table = np.full(0x110000, NO_SYMBOL, np.uint16)
    table[list(map(ord, symbols))] = list(symbols.values())
    codes = table[np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), np.uint32)].reshape(-1, 3)
    return pack(codes[:, 0], codes[:, 1], codes[:, 2])


def _hash(keys: np.ndarray, table: int) -> np.ndarray:
    hashed: np.ndarray = (keys * _MULTIPLIERS[table]) >> np.uint64(64 - _SLOT_BITS)
    return hashed.view(np.int64)


def _hash_tables(keys: np.ndarray) -> np.ndarray:
    """The tables, filled in rounds: homeless rows go into one table, and the rows that they displace into the other."""
    missing = len(keys) - 1
    slots = np.full((2, 1 << _SLOT_BITS), missing, np.int32)
    homeless, table = np.arange(missing, dtype=np.int32)[::-1], 0  # the last one stays: the commonest
    while homeless.size:
        at = _hash(keys[homeless], table)
        before = slots[table, at]
        slots[table, at] = homeless
        displaced = np.unique(before[before != missing])
        homeless = np.concatenate([homeless[slots[table, at] != homeless], displaced])
        table = 1 - table
    return slots
