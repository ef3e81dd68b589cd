"""What the script of a text says about its language.

Many scripts belong to one language, as far as posts go: Thai, Greek, Korean. Others leave a few: Cyrillic,
Arabic, Devanagari, Han. Among those, single letters may decide: Arabic writes ي where Persian writes ی, and
langdetect, which takes one for the other, mistakes every sixth short Arabic post for Persian.
"""

from __future__ import annotations

import functools

import numpy as np

#: The scripts: blocks of code points, and the languages that are written in them, the likeliest first.
#: None: many, so that letters are left to the engine.
SCRIPTS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "Latin": ("41-5A 61-7A AA BA C0-D6 D8-F6 F8-2AF 1E00-1EFF 2C60-2C7F A720-A7FF FF21-FF3A FF41-FF5A", None),
    "Cyrillic": ("400-52F 1C80-1C8F 2DE0-2DFF A640-A69F", ("ru", "uk", "bg", "mk", "sr", "be", "mn", "kk")),
    "Arabic": ("610-61A 620-65F 66E-6DC 6E1-6EF 6FA-6FF 750-77F 8A0-8FF FB50-FDFF FE70-FEFC",
               ("ar", "fa", "ur", "ckb", "ps")),
    "Devanagari": ("900-963 971-97F A8E0-A8FF", ("hi", "mr", "ne")),
    "Bengali": ("980-9E5 9F0-9FE", ("bn", "as")),
    "Han": ("3005-3007 3400-4DBF 4E00-9FFF F900-FAFF 20000-323AF", ("zh-cn", "zh-tw", "ja")),
    "Kana": ("3041-30FA 30FC-30FF 31F0-31FF FF66-FF9F 1B000-1B16F", ("ja",)),
    "Hangul": ("1100-11FF 3131-318E A960-A97F AC00-D7FF FFA0-FFDC", ("ko",)),
    "Bopomofo": ("3105-312F 31A0-31BF", ("zh-tw",)),
    "Greek": ("370-373 376-37D 37F 386 388-3FF 1F00-1FFF", ("el",)),
    "Hebrew": ("591-5F2 FB1D-FB4F", ("he",)),
    "Armenian": ("531-556 561-587", ("hy",)),
    "Georgian": ("10A0-10FF 1C90-1CBF 2D00-2D2F", ("ka",)),
    "Thai": ("E01-E3A E40-E4E", ("th",)),
    "Lao": ("E81-ECE EDC-EDF", ("lo",)),
    "Khmer": ("1780-17D3 17D7 17DC-17DD", ("km",)),
    "Burmese": ("1000-103F 1050-108F A9E0-A9EF AA60-AA7F", ("my",)),
    "Ethiopic": ("1200-135F 1380-139F 2D80-2DDF AB01-AB2F", ("am",)),
    "Tamil": ("B82-BD7", ("ta",)),
    "Telugu": ("C00-C63", ("te",)),
    "Kannada": ("C80-CE3", ("kn",)),
    "Malayalam": ("D00-D63", ("ml",)),
    "Gujarati": ("A81-AE3", ("gu",)),
    "Gurmukhi": ("A01-A5E A70-A76", ("pa",)),
    "Odia": ("B01-B63", ("or",)),
    "Sinhala": ("D81-DDF", ("si",)),
    "Tibetan": ("F00-F17 F35-FBC", ("bo",)),
    "Thaana": ("780-7B1", ("dv",)),
    "Mongolian": ("1820-18AA", ("mn",)),
    "Cherokee": ("13A0-13FD AB70-ABBF", ("chr",)),
}  # fmt: skip
_AFTER_LATIN = 0x2B0
_NAMES = ("", *SCRIPTS)
_AT = {name: place for place, name in enumerate(_NAMES)}

#: A character of these says as much as several letters of an alphabet.
DENSE = ("Han", "Kana", "Hangul")
DENSE_WEIGHT = 3

#: Kana among Han, at least one in so many: Japanese. A の by itself also adorns Chinese.
HAN_TO_A_KANA = 8

#: Letters that only some of the languages of a script write, and which.
LETTERS = {
    "Arabic": {
        "ar": "ةىكيأإؤ",
        "fa": "پچژگکی",
        "ur": "پچژگکیٹڈڑںےہھ",
        "ckb": "پچژگکیڕڵۆێەڤ",
        "ps": "پچژیيټډړښځڅېۍګڼ",
    },
    "Cyrillic": {
        "ru": "ыэёъщйьяю",
        "uk": "іїєґщйьяю",
        "bg": "ъщйьяю",
        "mk": "ѓќѕјљњџ",
        "sr": "ђћјљњџ",
        "be": "іўыэёйьяю",
        "mn": "өүыэёйьъяю",
        "kk": "әғқңөұүһіыэёйьяю",
    },
    "Bengali": {"as": "ৰৱ", "bn": "র"},
}


def languages_by_script(texts: list[str]) -> list[tuple[str, ...] | None]:
    """The languages that the script of each text leaves, one or several; None for Latin and for no letters at all.

    The script with the most letters counts, a dense one three times. `texts` are prepared: words and blanks.
    """
    languages: list[tuple[str, ...] | None] = [None] * len(texts)
    places = _beyond_latin(texts)
    if not places:
        return languages
    counts = _count([texts[place] for place in places])
    leading = _leading(counts)
    for place, script, row in zip(places, leading.tolist(), counts, strict=True):
        name = _NAMES[script]
        if name == "Han" and row[_AT["Kana"]] * HAN_TO_A_KANA >= row[_AT["Han"]]:
            name = "Kana"
        if name:
            languages[place] = _by_letters(texts[place], name) if name in LETTERS else SCRIPTS[name][1]
    return languages


def _beyond_latin(texts: list[str]) -> list[int]:
    """The places of texts with any character after the Latin blocks: a quick test that most texts fail."""
    places = [place for place, text in enumerate(texts) if not text.isascii()]
    codes = np.frombuffer("".join(texts[place] for place in places).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum([len(texts[place]) for place in places])
    beyond = np.unique(np.searchsorted(ends, np.flatnonzero(codes >= _AFTER_LATIN), side="right"))
    return [places[place] for place in beyond.tolist()]


def _count(texts: list[str]) -> np.ndarray:
    """int64 [texts, scripts]: how many letters of each script a text has."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    text = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    cells = text * len(_NAMES) + _table().take(codes)
    return np.bincount(cells, minlength=len(texts) * len(_NAMES)).reshape(len(texts), len(_NAMES))


def _leading(counts: np.ndarray) -> np.ndarray:
    """The place of each text's script; 0 for none. Han and Kana count together, as Han."""
    weighed = counts.copy()
    weighed[:, [_AT[name] for name in DENSE]] *= DENSE_WEIGHT
    weighed[:, 0] = 0
    weighed[:, _AT["Han"]] += weighed[:, _AT["Kana"]]
    weighed[:, _AT["Kana"]] = 0
    leading: np.ndarray = weighed.argmax(axis=1)
    return leading


def _by_letters(text: str, script: str) -> tuple[str, ...]:
    """The languages of a script that lack the fewest letters of a text."""
    letters, text = LETTERS[script], text.lower()
    telling = {letter: text.count(letter) for letter in _TELLING[script].intersection(text)}
    languages = SCRIPTS[script][1] or ()
    if not telling:
        return languages
    lacking = {
        code: sum(count for letter, count in telling.items() if letter not in letters[code]) for code in languages
    }
    fewest = min(lacking.values())
    return tuple(code for code in languages if lacking[code] == fewest)


_TELLING = {script: frozenset("".join(letters.values())) for script, letters in LETTERS.items()}


@functools.cache
def _table() -> np.ndarray:
    """uint8 [code points]: the place of each one's script; 0 for none."""
    table = np.zeros(0x110000, np.uint8)
    for name, (blocks, _) in SCRIPTS.items():
        for block in blocks.split():
            first, _, last = block.partition("-")
            table[int(first, 16) : int(last or first, 16) + 1] = _AT[name]
    return table
