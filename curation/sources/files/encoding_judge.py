"""Which encoding a sample of bytes outside UTF-8 is in, judged by the text that each encoding makes of it.

The judge decodes the sample in every candidate and compares the text with the languages written in it. The score is the
share of characters that fit a text of the language, times how typical they are: frequent letters of a script, short
words of a language in Latin letters. `charset-normalizer` decides between two encodings that remain.

>>> judge([line.encode("koi8_r") for line in ("Сегодня в порту было тихо", "Никто не пришёл к морю")]).encoding
'koi8_r'
>>> judge(["Zoë trank den Kaffee für fünf Euro".encode("cp1252")]).encoding is None
True
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from curation.sources.files.encoding_profiles import (
    CANDIDATES,
    OTHER_LATIN,
    PROFILES,
    WESTERN,
    WESTERN_MIXED,
    EncodingProfile,
)

#: Trust a score from here on if no other is near.
SURE = 0.62
#: A score this near to the best leaves a doubt.
NEAR = 0.12
#: Name a score from here on as a guess.
POSSIBLE = 0.4
#: Fewer bytes outside ASCII prove nothing: read the file as Western.
THIN = 4
#: Fewer bytes outside ASCII prove something only if the text fits well and Western text doesn't.
FEW = 12
#: Share of pieces that must decode.
DECODES = 0.95
#: Share of short words in running text.
_SHORT_WORDS = 0.16
#: A smaller share is no running text of the language, whatever its letters.
_SOME_SHORT_WORDS = 0.07
#: Bytes outside ASCII among all bytes of Western texts; twice that is not Western.
_DENSE = 0.2

#: Punctuation and signs that any text may have at the edge of a word or alone.
_SIGNS = frozenset(
    "\u00a0¡¢£¥§©«®°±²³·»¼½¾¿×÷–—―‘’‚“”„†‡•…‰‹›€™№、。〃〈〉《》「」『』【】〔〕〜！（），．：；？～％＆＊＋－／＝＠＃"
    "“”·‧・￥｜＜＞［］｛｝＂＇♪★☆○●◎◇◆□■△▲▽▼※→←↑↓￣＿ー\u3000\u200e\u200f\u200c\u200d،؛؟٪٫٬״׳־￡￠－∶⋯—"
    + "".join(map(chr, range(0xFF10, 0xFF5B)))
)
# A sign between two letters, other than an apostrophe, a hyphen or a mark on a letter; or one that ends no word.
_SIGN_IN_WORD = re.compile(
    r"(?<=[^\W\d_])[^\w\x00-\x7f’‘´·\u00ad\u200c\u200d\u0300-\u036f\u0591-\u05c7\u0610-\u0670\u0e31-\u0e4e](?=[^\W\d_])"
    r"|(?<=[^\W\d_])[±¬¦¤¨¯¸¿¡¶¹¼½¾÷×¢£¥§€]"
)
# UTF-8 that someone decoded as Windows-1252 before writing the file: no table gives these on purpose.
_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf]|â[€\u0080-\u009f]|‰Û|ðŸ")
_SIGN_BEFORE_WORD = re.compile(r"(?<![^\W\d_])[’‡•†](?=[^\W\d_])")
_LETTERS_TOGETHER = re.compile("[\u0370-\U0002ffff]{2,}")
# By alphabet, words of three letters and more, and the impossible ones among them: Cyrillic words without a vowel,
# Arabic words that begin with a vowel mark, Hebrew words with the final form of a letter elsewhere, or without it.
_WORDS_OF = {
    "Cyrillic": (
        re.compile("[\u0400-\u045f\u0490\u0491]{3,}"),
        re.compile("^[^аеёиоуыэюяіїєўъАЕЁИОУЫЭЮЯІЇЄЎЪ]+$|[ъЪ]{2}|^[ъьЪЬ]"),
    ),
    "Arabic": (
        re.compile("[\u0621-\u0652\u0671-\u06d3]{3,}"),
        re.compile("^[\u064b-\u0652]|[ةى][\u0621-\u064a]|[\u064b-\u0652]{3}"),
    ),
    "Hebrew": (re.compile("[\u05d0-\u05ea]{3,}"), re.compile("[ךםןףץ][א-ת]|[מנצ]$")),
}
_CIRCUMFLEX = frozenset("âîû")
# A Latin letter and one of another alphabet side by side.
_MIXED = re.compile("[A-Za-z\u00c0-\u024f][\u0370-\u0eff]|[\u0370-\u0eff][A-Za-z\u00c0-\u024f]")
_CASED = [chr(c) for c in range(0x80, 0x530)]
# A capital outside ASCII right after a small letter: an apostrophe, or a table with the cases swapped.
_CAPITAL_IN_WORD = re.compile(
    f"[a-z{''.join(filter(str.islower, _CASED))}][{''.join(filter(str.isupper, _CASED))}]",
)
_WESTERN_LANGUAGES = frozenset(profile.language for profile in WESTERN.values())
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Verdict:
    """The encoding of a sample; None for a file that stays as it is."""

    encoding: str | None = None  # a name of Python's
    language: str | None = None
    rival: str | None = None  # fits better than Windows-1252, but on too few bytes to be sure
    guesses: tuple[str, ...] = ()  # if nothing is certain, best first


@dataclass(frozen=True)
class _Score:
    encoding: str
    language: str
    value: float
    strict: float
    text: str


def judge(pieces: Sequence[bytes]) -> Verdict:
    """The encoding of lines or cells outside UTF-8, unless it is Windows-1252 or none fits."""
    high = sum(map(high_bytes, pieces))
    scores = sorted(_scores(pieces), key=lambda score: -score.value)
    western = _western(pieces)
    best = scores[0] if scores else _Score("", "", 0.0, 0.0, "")
    few = high < FEW
    thin = Verdict()
    if few and best.value >= SURE and best.value - western >= 0.3:
        thin = Verdict(rival=best.encoding, language=best.language)
    if high < THIN:
        return thin
    if best.value - western < (0.3 if few or best.language in _WESTERN_LANGUAGES else NEAR):
        dense = high / sum(map(len, pieces)) > _DENSE
        if few or western >= POSSIBLE or not dense:
            return thin
        return Verdict(guesses=_guesses(scores, pieces, western))
    near = [score for score in scores if score.value > best.value - NEAR]
    languages = set(CANDIDATES[best.encoding])
    tables = [score for score in near if languages & set(CANDIDATES[score.encoding])]  # for the same languages
    best = max(tables, key=lambda score: (round(score.strict, 3), score.value))
    rivals = [score for score in near if score not in tables]
    sure = best.value >= (0.85 if few and best.value - western < 0.55 else SURE)
    if rivals and few and western < POSSIBLE and high / sum(map(len, pieces)) > _DENSE:
        return Verdict(guesses=_guesses(scores, pieces, western))  # a word or two, in either of two scripts
    if rivals or not sure:
        second = _second_opinion(pieces)
        texts = decoded_pieces(pieces, second) if second else []
        text = "\n".join(texts) if len(texts) == len(pieces) else None
        agreed = next((s for s in (best, *rivals) if s.text == text), None)
        sure = agreed is not None and agreed.value >= POSSIBLE
        best = agreed or best
    if sure:
        return Verdict(best.encoding, best.language)
    if few or best.value < POSSIBLE or western >= POSSIBLE:
        return thin
    return Verdict(guesses=_guesses(scores, pieces, western))


def high_bytes(piece: bytes) -> int:
    """How many bytes are outside ASCII."""
    return len(piece) - len(piece.decode("ascii", "ignore"))


def _scores(pieces: Sequence[bytes]) -> list[_Score]:
    by_text: dict[str, _Score] = {}
    for encoding, languages in CANDIDATES.items():
        texts = decoded_pieces(pieces, encoding)
        share = len(texts) / len(pieces)
        if share < DECODES:
            continue
        text = "\n".join(texts)
        (value, strict), language = max((_fit(text, PROFILES[name]), PROFILES[name].language) for name in languages)
        same = by_text.get(text)
        value *= share
        if same is None or value > same.value:
            by_text[text] = _Score(encoding, language, value, strict * share, text)
    return list(by_text.values())


def decoded_pieces(pieces: Sequence[bytes], encoding: str) -> list[str]:
    """The texts of the pieces that the encoding decodes without an error."""
    texts = []
    for piece in pieces:
        try:
            text = piece.decode(encoding)
        except UnicodeDecodeError:
            continue
        texts.append(unicodedata.normalize("NFC", text) if encoding == "cp1258" else text)
    return texts


def _western(pieces: Sequence[bytes]) -> float:
    """How well the pieces fit Windows-1252."""
    text = "\n".join(piece.decode("cp1252", "replace") for piece in pieces)
    own = (*WESTERN.values(), PROFILES["et"])
    return max(0.85 * _fit(text, WESTERN_MIXED)[0], *(_fit(text, profile)[0] for profile in own))


def _fit(text: str, profile: EncodingProfile) -> tuple[float, float]:
    """How much `text` looks like the language, from 0 to a little over 1; and the same from 0 to 1."""
    counts = Counter(character for character in text if character > "\x7f")
    total = sum(counts.values())
    if not total:
        return 0.0, 0.0
    # Characters of no text count more than once: control characters, private ones, corners of frames.
    total += 2 * sum(
        n for c, n in counts.items() if c < "\xa0" or "\u2500" <= c <= "\u259f" or "\ue000" <= c <= "\uf8ff"
    )
    return _fit_latin(text, counts, total, profile) if profile.words else _fit_script(text, counts, total, profile)


def _fit_script(text: str, counts: Counter[str], total: int, profile: EncodingProfile) -> tuple[float, float]:
    letters = {c: n for c, n in counts.items() if any(low <= ord(c) <= high for low, high in profile.script)}
    of_script = sum(letters.values())
    if of_script < 3:
        return 0.0, 0.0
    signs = sum(n for c, n in counts.items() if c in _SIGNS and c not in letters)
    common = sum(n for c, n in letters.items() if c.lower() in profile.frequent) / of_script
    fitting = (of_script + 0.9 * signs) / total
    odd = 2 * _count(_CAPITAL_IN_WORD, text) / of_script
    odd += (_count(_SIGN_IN_WORD, text) + _count(_SIGN_BEFORE_WORD, text)) / total
    mixed = _count(_MIXED, text) / of_script
    words = sum(map(len, _LETTERS_TOGETHER.findall(text))) / of_script  # and not single signs read as letters
    odd += _odd_words(text, profile)
    clean = max(0.0, fitting - 2 * odd - 2 * mixed) * min(1.0, 1.15 * words)
    return clean * _capped(common / profile.expected), clean * min(1.0, common / profile.expected)


def _fit_latin(text: str, counts: Counter[str], total: int, profile: EncodingProfile) -> tuple[float, float]:
    fitting = sum(n for c, n in counts.items() if c.lower() in profile.letters or (c == "İ" and "ı" in profile.letters))
    letters = fitting
    fitting += sum(n for c, n in counts.items() if c in _SIGNS and c.lower() not in profile.letters)
    odd = _count(_CAPITAL_IN_WORD, text) + _count(_SIGN_IN_WORD, text) + 3 * _count(_MOJIBAKE, text)
    tokens = [token.replace("’", "'") for token in _TOKEN.findall(text.lower())]
    short = sum(_weight(token) for token in tokens if token in profile.words) / max(1, len(tokens))
    typical = _capped(short / _SHORT_WORDS)
    distinct = len({c.lower() for c in counts} & profile.letters - _CIRCUMFLEX)
    if distinct >= 5 and profile is not WESTERN_MIXED:  # no other language has all of these letters
        typical = max(typical, 0.7 if short >= _SOME_SHORT_WORDS else 0.35)
    if not letters and profile.language not in ("English", "Western European"):
        typical /= 2
    if total > 0.5 * sum(map(len, tokens)):  # too dense for Latin letters
        typical /= 3
    clean = max(0.0, fitting / total - 1.5 * odd / total)
    return clean * typical, clean * min(1.0, typical)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return len(pattern.findall(text))


def _capped(ratio: float) -> float:
    """At most 1, and a little more for a ratio above 1, so the most typical comes first among equals."""
    return min(1.0, ratio) + 0.3 * max(0.0, min(1.5, ratio) - 1)


@lru_cache(maxsize=4096)
def _weight(word: str) -> float:
    """What a short word proves: little if languages of several tables have it."""
    shared = any(word in p.words for p in WESTERN.values()) and any(word in p.words for p in OTHER_LATIN.values())
    return 0.35 if shared or len(word) == 1 else 1.0


def _odd_words(text: str, profile: EncodingProfile) -> float:
    """Share of the words that the language can't have."""
    if profile.alphabet not in _WORDS_OF:
        return 0.0
    word, impossible = _WORDS_OF[profile.alphabet]
    words = word.findall(text)
    return sum(map(bool, map(impossible.search, words))) / max(1, len(words))


def _second_opinion(pieces: Sequence[bytes]) -> str | None:
    """The encoding that `charset-normalizer` names, if any."""
    from charset_normalizer import from_bytes

    match = from_bytes(b"\n".join(pieces)[:8192], cp_exclusion=["utf_7"]).best()
    return match.encoding if match else None


def _guesses(scores: Sequence[_Score], pieces: Sequence[bytes], western: float) -> tuple[str, ...]:
    names = [score.encoding for score in scores[:2] if score.value > POSSIBLE / 2]
    second = _second_opinion(pieces)
    if second and second not in names:
        names.append(second)
    if "cp1252" not in names and (western > 0.1 or not names):
        names.append("cp1252")
    return tuple(names)
