r"""Typography that only looks like damage: `“Rīgā”¹`, `NESTLÉ®`, `al-Bukhārī”`, `MANHÃ³`.

Any letter from beyond ASCII with a sign or two behind it may be UTF-8 that was read by one of ten encodings, and ftfy
takes it for that: `ā”¹` would be `┹`, `É®` the letter `ɮ`. Such a sequence is left where two things come together.
It stands as people write: at the end of a word, in the case of the letters before it, with closing quotes, footnotes,
trademarks or degrees behind it. And no encoding makes something of it that could stand there: another letter of such a
word, or a sign that everybody has.

Where the whole line decodes, and holds more sequences than that one, the line is the evidence, and nothing is left.

No repair may end in a character that is for private use, assigned to nothing or for control: nobody typed it, so the
bytes were no UTF-8 (`adds_nonsense`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Signs that stand behind a letter in print. Two of them, or one, complete a sequence.
_SIGNS = "”“’‘„‚«»‹›…–—†‡§¶¹²³°ºª™®©€£¢¥¤½¼¾¡¿·•‰±×÷µ´¨¸¦¬¯\xa0\xad"
_LETTER = r"[^\W\d_ªºµ¹²³¼½¾]"
_AT_END = re.compile(rf"(?<!{_LETTER})({_LETTER}*)(?![a-zA-Z])({_LETTER})([{_SIGNS}]{{1,3}}+)(?!\w)")
#: Behind a letter that is a word by itself, only this is taken for typography; and measures, such as `5 Å²`.
_BEHIND_ONE_LETTER = re.compile("[”“’‘»«›‹][¹²³†‡°ªº®™]|[¹²³†‡°ªº®™][”“’‘»«›‹]|††|†‡|¬¬")
_MEASURE = re.compile("[ÅΩΔØ][²³](?![²³])")
#: What closes a quotation, with what may have opened it.
_CLOSES = {"”": "“„", "’": "‘‚", "“": "„", "‘": "‚", "»": "«", "›": "‹"}
#: Characters in which the beginning of a quotation is looked for.
_LONGEST_QUOTATION = 300
_OPENS = frozenset("“„«‹‘¿¡")
#: Letters of Windows-1252 within a sequence: what follows belongs to it.
_CONTINUES = frozenset("ƒŠŒŽšœžŸªºµ")
_ENCODINGS = (
    "latin-1", "sloppy-windows-1252", "sloppy-windows-1250", "sloppy-windows-1251", "sloppy-windows-1253",
    "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "cp437", "mac_roman",
)  # fmt: skip
_WESTERN = frozenset(("latin-1", "sloppy-windows-1252", "sloppy-windows-1254"))
_SEQUENCE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: What stands behind any word: punctuation, currencies, signs of letters, arrows, calculation, shapes, stars, ticks.
_EVERYBODYS = (
    (0xA0, 0xBF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x22FF), (0x25A0, 0x25FF),
    (0x2600, 0x27BF), (0xFEFF, 0xFEFF), (0xFFFD, 0xFFFD), (0x1F000, 0x1FAFF),
)  # fmt: skip
#: Letters of words in Latin script: of Europe, Vietnamese, Pinyin, Romanian, and of transliterations.
_OF_WORDS = ((0xC0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC), (0x218, 0x21B), (0x1E00, 0x1EFF))
#: Letters that may stand alone: of Latin, Greek and Cyrillic, kana, Han and Hangul.
_ALONE = ((0xC0, 0x17F), (0x1E00, 0x1EFF), (0x370, 0x45F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
_NONSENSE = frozenset(("Co", "Cn", "Cc", "Cs"))


def adds_nonsense(before: str, after: str) -> bool:
    """Whether a repair made a character that is for private use, unassigned or for control."""
    return any(_is_nonsense(character) for character in set(after).difference(before))


def _is_nonsense(character: str) -> bool:
    # Emoji are added every year, to a block that is theirs.
    return unicodedata.category(character) in _NONSENSE and not "\U0001f000" <= character <= "\U0001faff"


def spans(line: str) -> list[tuple[int, int]]:
    """Begin and end of what is left as it is.

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
    """Whether somebody may write the letter behind the word."""
    if not word:
        return True
    if letter.isupper():
        return word[-1].isupper()
    return not word[-1].isupper() or len(word) == 1


def _only_looks_damaged(match: re.Match[str]) -> bool:
    """Whether an encoding makes a character of the letter and the signs, and none makes one that could stand there."""
    word, sequence = match[1], match[2] + match[3]
    before = match.string[match.start(2) - 1 : match.start(2)]
    if before in _CONTINUES or not (word or before.isascii() or before in _OPENS):
        return False
    if not word and _MEASURE.match(sequence):
        return True
    if not word and not _BEHIND_ONE_LETTER.match(match[3]):
        return False
    earlier = match.string[max(0, match.start(2) - 3) : match.start(2)]
    for begin in range(max(0, len(earlier) - 2), len(earlier)):  # the letter may itself be within a sequence
        if any(True for end in (1, 2) for _ in _readings(earlier[begin:] + sequence[: end + 1])):
            return False
    if _closes(match):
        return True
    readings = [reading for end in range(2, len(sequence) + 1) for reading in _readings(sequence[:end])]
    if any(_may_stand(character, word, match[2], encoding) for encoding, character in readings):
        return False
    if match.string[match.end() : match.end() + 1] == " ":  # it may be a no-break space that became one
        restored = list(_readings(sequence + "\xa0"))
        if any(encoding in _WESTERN and "\u2000" <= character <= "\u206f" for encoding, character in restored):
            return False
        readings += restored
    beside = {encoding for length in (2, 3) for encoding, _ in _readings(earlier[-length:])}
    return bool(readings) and beside.isdisjoint(encoding for encoding, _ in readings)  # else one follows another


def _closes(match: re.Match[str]) -> bool:
    """Whether the first sign closes a quotation that was opened before, as in `“AMANHÃ”`."""
    opens = _CLOSES.get(match[3][0])
    if opens is None:
        return False
    before = match.string[max(0, match.start(2) - _LONGEST_QUOTATION) : match.start(2)]
    last = max(before.rfind(sign) for sign in opens)
    opened = last >= 0 and (last == 0 or not (before[last - 1].isalpha() and before[last - 1] > "\x7f"))
    return opened and match[3][0] not in before[last + 1 :]


def _readings(sequence: str) -> Iterator[tuple[str, str]]:
    """What the sequence is as UTF-8 that was read by an encoding, where that is one character."""
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
    """Whether the character may have stood behind the word, where the letter and signs stand now."""
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
    """Whether the line decodes as a whole, and into three characters or more that aren't ASCII."""
    for encoding in _ENCODINGS:
        try:
            read = line.encode(encoding)
            read.decode("utf-8")
        except UnicodeError:
            continue
        return len(_SEQUENCE.findall(read.decode("latin-1"))) > 2
    return False
