"""The n-grams that langdetect finds in a text, for many texts at once.

langdetect moves a buffer of three characters over a text. The result has a simple form. Let *a*, *b*, *c* be the
normalized characters that end at a place, with a blank before the text. The n-grams are *c*, *bc*, and *abc* unless *b*
is a blank; there are none if *b* and *c* are both upper case. So a text is an array of symbols, and its n-grams are
shifted copies of that array side by side.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from curation.functions.langdetect_profiles.profiles import NO_SYMBOL, UNASKED, UNKNOWN, pack, profiles

#: The most characters of a text that langdetect reads, with its links and addresses as blanks.
MAX_CHARACTERS = 10_000

# Texts and characters in one chunk: enough that calls cost little, few enough for the processor's cache.
_TEXTS, _CHARACTERS = 4_000, 200_000

_SEPARATOR = "\n"


@dataclass(frozen=True, eq=False)
class KnownNgrams:
    """The known n-grams of some texts, in langdetect's order."""

    rows: np.ndarray  # int32 [n-grams of all texts]: rows of the profiles
    bounds: np.ndarray  # int64 [texts + 1]: text i has the n-grams `rows[bounds[i] : bounds[i + 1]]`

    @property
    def counts(self) -> np.ndarray:
        """int64 [texts]: the number of known n-grams of each text, with repetition."""
        return np.diff(self.bounds)


def chunks(texts: list[str]) -> Iterator[tuple[slice, KnownNgrams]]:
    """The texts in chunks of some thousands, so that memory does not grow with their number."""
    begin, characters = 0, 0
    for at, text in enumerate(texts):
        characters += min(len(text), MAX_CHARACTERS)
        if at + 1 - begin == _TEXTS or characters >= _CHARACTERS or at + 1 == len(texts):
            yield slice(begin, at + 1), extract(texts[begin : at + 1])
            begin, characters = at + 1, 0


def extract(texts: list[str]) -> KnownNgrams:
    """The known n-grams of each text, as in `langdetect.detector.Detector`."""
    if not texts:
        return KnownNgrams(np.zeros(0, np.int32), np.zeros(1, np.int64))
    texts = _appended(texts)
    joined = _SEPARATOR.join(["", *texts, ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    # Each text begins at the separator before it, so no segment is empty.
    starts = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    starts = np.concatenate([[0], starts])
    codes, starts = _without_latin(codes, starts)

    model = profiles()
    symbols = _symbols(codes)
    first, second, third = symbols[:-2], symbols[1:-1], symbols[2:]
    rows = np.empty((len(codes), 3), np.int32)
    rows[0] = model.missing
    rows[:, 0] = model.single.take(symbols)
    nothing = np.full(len(second) + 1, NO_SYMBOL, np.uint16)
    rows[1:, 1] = model.find(pack(nothing, symbols[:-1], symbols[1:]))
    rows[1, 2] = model.missing
    rows[2:, 2] = model.find(pack(first, second, third))
    rows[starts] = model.missing
    upper = symbols >= model.first_upper
    rows[1:][upper[1:] & upper[:-1]] = model.missing

    flat = rows.ravel()
    heard = np.flatnonzero(flat != model.missing)
    return KnownNgrams(flat.take(heard), np.searchsorted(heard, 3 * starts))


def _appended(texts: list[str]) -> list[str]:
    """What `Detector.append` makes of each text, except that blanks are not folded: no n-gram has two of them."""
    url, address, marked, marks = _rewriting()
    joined = _SEPARATOR.join(texts)
    if "://" in joined:
        texts = [url.sub(" ", text) if "://" in text else text for text in texts]
    if "@" in joined:
        texts = [address.sub(" ", text) if "@" in text else text for text in texts]
    if any(mark in joined for mark in marks):
        texts = [text if text.isascii() else marked(text) for text in texts]
    if len(joined) > MAX_CHARACTERS:
        texts = [text[:MAX_CHARACTERS] for text in texts]
    return texts


@functools.cache
def _rewriting() -> tuple[re.Pattern[str], re.Pattern[str], Callable[[str], str], str]:
    from langdetect.detector import Detector
    from langdetect.utils.ngram import NGram

    return Detector.URL_RE, Detector.MAIL_RE, NGram.normalize_vi, NGram.DMARK_CLASS


def _without_latin(codes: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Like `Detector.cleaning_text`: a text with more than twice as many other letters loses its Latin ones."""
    # langdetect tries to except Latin Extended Additional, but compares a number with a name, and never does.
    other = codes >= 0x300
    if not other.any():
        return codes, starts
    latin = (codes >= ord("A")) & (codes <= ord("z"))
    counts = [np.diff(np.searchsorted(np.flatnonzero(mask), starts)) for mask in (latin, other)]
    foreign = 2 * counts[0] < counts[1]
    if not foreign.any():
        return codes, starts
    gone = latin & np.repeat(np.append(foreign, False), np.append(np.diff(starts), 1))
    return codes[~gone], starts - np.searchsorted(np.flatnonzero(gone), starts)


def _symbols(codes: np.ndarray) -> np.ndarray:
    """uint16: the symbol of each normalized code point; langdetect normalizes each one once in a process."""
    table = _symbol_table()
    symbols = table.take(codes)
    new = symbols == UNASKED
    if new.any():
        for code in np.unique(codes[new]).tolist():
            table[code] = _symbol(chr(code))
        symbols = table.take(codes)
    return symbols


@functools.cache
def _symbol_table() -> np.ndarray:
    return np.full(0x110000, UNASKED, np.uint16)


def _symbol(character: str) -> int:
    from langdetect.utils.ngram import NGram

    model = profiles()
    character = NGram.normalize(character)
    if character in model.symbols:
        return model.symbols[character]
    return model.first_upper if character.isupper() else UNKNOWN
