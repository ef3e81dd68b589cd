"""Letters that look alike, which shingles count as one.

People type `а` of the Cyrillic keyboard in a Latin word to pass a filter, an application writes full-width letters, and
keyboards disagree about `ي` and `ی`. Compatibility forms of Unicode (full-width, half-width, bold, presentation forms)
count as what they stand for. The table below adds letters of other scripts and the usual variants within a script. Each
line names the letter that all others on it count as; capitals are in the table as their small letters, since canonical
text is in lower case.

Only similarities fold letters. The canonical text does not, so copies of short texts are still letter by letter.
"""

from __future__ import annotations

import functools
import sys
import unicodedata

import numpy as np

#: A letter and what looks like it.
ALIKE = (
    "aаαɑᴀ", "bвβʙ", "cсϲᴄ", "dԁᴅ", "eеεᴇ", "gɡ", "hһнη", "iіιıɩӏ", "jјϳ", "kкκᴋ", "mмμᴍ", "nп", "oоοօᴏס",
    "pрρᴘ", "qԛ", "sѕꜱſ", "tтτᴛ", "uυսᴜ", "vνѵᴠ", "wԝωᴡ", "xхχ", "yуγʏ", "zζᴢ", "σς",
    "يىیې", "كکڪ", "هةہھە", "اأإآٱ", "وؤ", "0٠۰", "1١۱", "2٢۲", "3٣۳", "4٤۴", "5٥۵", "6٦۶", "7٧۷", "8٨۸", "9٩۹",
    "ंँ", "カ力", "ロ口", "ニ二", "ハ八", "タ夕", "エ工", "ト卜", "ー一", "へヘ", "べベ", "ぺペ", "りリ", "ミ彡",
)  # fmt: skip
#: Marks and letters that nothing shows, besides those that are no letters.
INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0" + "".join(
    map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)


@functools.cache
def letters() -> np.ndarray:
    """uint32: each code point that is a letter, mark or digit; 0 for the others."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    table[:0x20000] = [unicodedata.category(chr(point))[0] in "LMN" and point for point in range(0x20000)]
    table[0x20000:0x40000] = np.arange(0x20000, 0x40000)  # all Han
    return table


@functools.cache
def folded() -> np.ndarray:
    """uint32: for each code point the letter, mark or digit that it counts as; 0 if it is none."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    alike = {ord(letter): ord(letters[0]) for letters in ALIKE for letter in letters}
    for point in range(0x20000):
        letter = chr(point)
        if unicodedata.category(letter)[0] in "LMN":
            simple = _simple(letter)
            table[point] = alike.get(simple, simple)
    table[0x20000:0x40000] = np.arange(0x20000, 0x40000)  # all Han
    table[[ord(letter) for letter in INVISIBLE]] = 0
    return table


@functools.cache
def digits() -> np.ndarray:
    """bool: for each code point, whether it is a digit or another number."""
    table = np.zeros(sys.maxunicode + 1, dtype=bool)
    table[:0x20000] = [unicodedata.category(chr(point))[0] == "N" for point in range(0x20000)]
    return table


def _simple(letter: str) -> int:
    """The code point that a letter is a compatibility form of, if it is one letter; otherwise its own."""
    simple = unicodedata.normalize("NFKC", letter).lower() if unicodedata.decomposition(letter) else letter
    if len(simple) == 1 and unicodedata.category(simple)[0] in "LMN":
        return ord(simple)
    return ord(letter)
