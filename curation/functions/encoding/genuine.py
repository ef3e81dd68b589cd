r"""Typography that only looks like damage: `“Rīgā”¹`, `NESTLÉ®`, `al-Bukhārī”`, `MANHÃ³`.

A letter beyond ASCII before one or two signs may be UTF-8 that was read in one of ten encodings, and ftfy repairs it:
`ā”¹` would become `┹`, and `É®` the letter `ɮ`. Such a sequence stays under two conditions. It is what people write: at
the end of a word, in the case of the letters before it, with closing quotes, footnotes, trademarks or degrees. And no
encoding turns it into something plausible: another letter of such a word, or a common sign.

If the whole line decodes, and has more such sequences, the line is damaged and nothing in it stays.

No repair may add a private-use, unassigned or control character (`adds_nonsense`): nobody typed it, so the bytes were
not UTF-8.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Signs that follow a letter in print. One or two of them complete a sequence.
_SIGNS = "”“’‘„‚«»‹›…–—†‡§¶¹²³°ºª™®©€£¢¥¤½¼¾¡¿·•‰±×÷µ´¨¸¦¬¯\xa0\xad"
_LETTER = r"[^\W\d_ªºµ¹²³¼½¾]"
_AT_END = re.compile(rf"(?<!{_LETTER})({_LETTER}*)(?![a-zA-Z])({_LETTER})([{_SIGNS}]{{1,3}}+)(?!\w)")
#: After a single letter, only this is typography; and measures, such as `5 Å²`.
_BEHIND_ONE_LETTER = re.compile("[”“’‘»«›‹][¹²³†‡°ªº®™]|[¹²³†‡°ªº®™][”“’‘»«›‹]|††|†‡|¬¬")
_MEASURE = re.compile("[ÅΩΔØ][²³](?![²³])")
#: What closes a quotation, and what may open it.
_CLOSES = {"”": "“„", "’": "‘‚", "“": "„", "‘": "‚", "»": "«", "›": "‹"}
#: The longest distance to the beginning of a quotation.
_LONGEST_QUOTATION = 300
_OPENS = frozenset("“„«‹‘¿¡")
#: Letters of Windows-1252 within a sequence: the next character belongs to it.
_CONTINUES = frozenset("ƒŠŒŽšœžŸªºµ")
_ENCODINGS = (
    "latin-1", "sloppy-windows-1252", "sloppy-windows-1250", "sloppy-windows-1251", "sloppy-windows-1253",
    "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "cp437", "mac_roman",
)  # fmt: skip
_WESTERN = frozenset(("latin-1", "sloppy-windows-1252", "sloppy-windows-1254"))
_SEQUENCE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: What may follow any word: punctuation, currencies, letter-like signs, arrows, mathematics, shapes, stars, ticks.
_EVERYBODYS = (
    (0xA0, 0xBF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x22FF), (0x25A0, 0x25FF),
    (0x2600, 0x27BF), (0xFEFF, 0xFEFF), (0xFFFD, 0xFFFD), (0x1F000, 0x1FAFF),
)  # fmt: skip
#: Letters of Latin words: of Europe, Vietnamese, Pinyin, Romanian, and transliterations.
_OF_WORDS = ((0xC0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC), (0x218, 0x21B), (0x1E00, 0x1EFF))
#: Letters that may be alone: Latin, Greek and Cyrillic, kana, Han and Hangul.
_ALONE = ((0xC0, 0x17F), (0x1E00, 0x1EFF), (0x370, 0x45F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
_NONSENSE = frozenset(("Co", "Cn", "Cc", "Cs"))


def adds_nonsense(before: str, after: str) -> bool:
    """Whether a repair added a private-use, unassigned or control character."""
    return any(_is_nonsense(character) for character in set(after).difference(before))


def _is_nonsense(character: str) -> bool:
    # New emoji come every year, in their own block.
    return unicodedata.category(character) in _NONSENSE and not "\U0001f000" <= character <= "\U0001faff"


def spans(line: str) -> list[tuple[int, int]]:
    """The begin and end of what stays as it is.

    >>> [line[begin:end] for line in ["“Rīgā”¹", "NESTLÉ®", "cafÃ©”", "voilâ†’"] for begin, end in spans(line)]
    ['ā”¹', 'É®']
    """
    genuine = [
        (match.start(2), match.end())
        for match in _AT_END.finditer(line)
        if _is_cased(match[1], match[2]) and _only_looks_damaged(match)
    ]
    return [] if genuine and _is_all_damage(line) else genuine


def _is_cased(word: str, letter: str) -> bool:
    """Whether the letter fits the case of the word before it."""
    if not word:
        return True
    if letter.isupper():
        return word[-1].isupper()
    return not word[-1].isupper() or len(word) == 1


def _only_looks_damaged(match: re.Match[str]) -> bool:
    """Whether the letter and signs decode in some encoding, but in none to a plausible character."""
    word, sequence = match[1], match[2] + match[3]
    before = match.string[match.start(2) - 1 : match.start(2)]
    if before in _CONTINUES or not (word or before.isascii() or before in _OPENS):
        return False
    if not word and _MEASURE.match(sequence):
        return True
    if not word and not _BEHIND_ONE_LETTER.match(match[3]):
        return False
    earlier = match.string[max(0, match.start(2) - 3) : match.start(2)]
    for begin in range(max(0, len(earlier) - 2), len(earlier)):  # the letter may be within a sequence
        if any(True for end in (1, 2) for _ in _readings(earlier[begin:] + sequence[: end + 1])):
            return False
    if _closes(match):
        return True
    readings = [reading for end in range(2, len(sequence) + 1) for reading in _readings(sequence[:end])]
    if any(_may_stand(character, word, match[2], encoding) for encoding, character in readings):
        return False
    if match.string[match.end() : match.end() + 1] == " ":  # it may have been a no-break space
        restored = list(_readings(sequence + "\xa0"))
        if any(encoding in _WESTERN and "\u2000" <= character <= "\u206f" for encoding, character in restored):
            return False
        readings += restored
    beside = {encoding for length in (2, 3) for encoding, _ in _readings(earlier[-length:])}
    return bool(readings) and beside.isdisjoint(encoding for encoding, _ in readings)  # else it follows another one


def _closes(match: re.Match[str]) -> bool:
    """Whether the first sign closes an open quotation, as in `“AMANHÃ”`."""
    opens = _CLOSES.get(match[3][0])
    if opens is None:
        return False
    before = match.string[max(0, match.start(2) - _LONGEST_QUOTATION) : match.start(2)]
    last = max(before.rfind(sign) for sign in opens)
    opened = last >= 0 and (last == 0 or not (before[last - 1].isalpha() and before[last - 1] > "\x7f"))
    return opened and match[3][0] not in before[last + 1 :]


def _readings(sequence: str) -> Iterator[tuple[str, str]]:
    """The encodings in which the sequence is UTF-8 for one character, and that character."""
    if sequence.isascii():
        return
    for encoding in _ENCODINGS:
        try:
            text = sequence.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if len(text) == 1:
            yield encoding, text


def _may_stand(character: str, word: str, letter: str, encoding: str) -> bool:
    """Whether the character is plausible after the word, in place of the letter and signs."""
    if _is_nonsense(character):
        return False
    if not word and encoding in _WESTERN and character.isalpha():
        return any(low <= ord(character) <= high for low, high in _ALONE)
    if any(low <= ord(character) <= high for low, high in _OF_WORDS):
        if not character.isalpha():  # × and ÷
            return not word
        return len(word) < 2 or character.isupper() == word[-1].isupper()
    if "\u0370" <= character <= "\u03ff":  # TGFβ
        return encoding in _WESTERN and word.isascii()
    if character <= "\xbf":
        return encoding in _WESTERN and letter == "Â"
    return any(low <= ord(character) <= high for low, high in _EVERYBODYS)


def _is_all_damage(line: str) -> bool:
    """Whether the whole line decodes, into three or more characters beyond ASCII."""
    for encoding in _ENCODINGS:
        try:
            read = line.encode(encoding)
            read.decode("utf-8")
        except UnicodeError:
            continue
        return len(_SEQUENCE.findall(read.decode("latin-1"))) > 2
    return False
