"""Which language a post is in, as langdetect sees it.

langdetect draws random numbers, so it is seeded anew for every text: the answer depends on the text and the
seed and on nothing that was looked at before. It was made for documents; a post is prepared first. Links,
mentions, tags and emoji say nothing about the language (and links pull the answer to English), and below
`min_letters` letters its answers are absurd, so the answer is `und`, *undetermined*.
"""

from __future__ import annotations

import functools
import re
from importlib.metadata import version

from curation.functions.base import BatchFunction

UNDETERMINED = "und"

_NOT_LANGUAGE = re.compile(r"(?:https?://|www\.)\S+|[@#＠＃]\w+|&[a-z]+;", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[^\w\s'’]|[\d_]+")

# An ideograph, a kana or a Hangul syllable says as much as several letters of an alphabet.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
DENSE_WEIGHT = 3


def prepare(text: str) -> str:
    """The words of a post without what is no language: links, mentions, tags, digits, emoji, signs.

    >>> prepare("Guten Morgen, @nachbarin! 🌱 #garten https://example.org/1")
    'Guten Morgen'
    """
    return " ".join(_NOT_LETTERS.sub(" ", _NOT_LANGUAGE.sub(" ", text)).split())


def evidence(prepared: str) -> int:
    """Letters that speak for a language; an ideograph, a kana or a Hangul syllable counts as three."""
    return sum(character.isalpha() for character in prepared) + (DENSE_WEIGHT - 1) * len(_DENSE.findall(prepared))


@functools.cache
def _factory():
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    return factory


def detect(texts: list[str], *, seed: int, min_letters: int) -> list[str]:
    """The ISO 639-1 code of each text as langdetect writes it (`en`, `zh-cn`), or `und`."""
    from langdetect.lang_detect_exception import LangDetectException

    factory = _factory()
    found = []
    for text in texts:
        words = prepare(text)
        if evidence(words) < min_letters:
            found.append(UNDETERMINED)
            continue
        detector = factory.create()
        detector.seed = seed
        detector.append(words)
        try:
            answer = detector.detect()
        except LangDetectException:
            answer = UNDETERMINED
        found.append(UNDETERMINED if answer == "unknown" else answer)
    return found


def detector(*, seed: int, min_letters: int) -> BatchFunction:
    """The word `detect_language…` for these parameters."""
    return BatchFunction(
        f"detect_language_{min_letters}_{seed}".replace("-", "minus"),
        f"langdetect {version('langdetect')}, preparation 1",
        "VARCHAR",
        functools.partial(detect, seed=seed, min_letters=min_letters),
    )
