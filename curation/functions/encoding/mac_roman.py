"""UTF-8 that was read as Mac Roman, one sequence at a time.

ftfy decodes a whole line or nothing, so an emoji beside the damage stops it, and it leaves `Wi≈õnia` alone:
one damaged letter is too little for its score. A sequence by itself is evidence enough where it can't have
been meant. Three things must come together: the bytes are UTF-8; the character that they give is one that
people write there; and what stands there is one that they don't. `≈` within a word is no sign of somebody
calculating.

A sequence that could be meant (`√ö` at the beginning of a word: a tick and an `ö`?) is *weak*. It is repaired
only where the same line holds one that can't.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_Compiled = list[tuple[re.Pattern[str], Callable[[str], bool]]]

#: The characters that Mac Roman has for the bytes 80 to BF, of which a sequence is continued.
CONTINUED = bytes(range(0x80, 0xC0)).decode("mac_roman")
#: One of them, for Python's expressions and for RE2's.
M = f"[{CONTINUED}]"

_LETTER_LEADS = "√ƒ≈"  # C3, C4, C5: the letters of Latin-1, and of Europe's other Latin alphabets
_CALCULATING = frozenset("π∞∂±µ∑∏∫Ω≠≤≥∆°")

#: Letters of alphabets in use; other values of the same bytes (ĉ, ŉ, ſ) hardly occur.
LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĻļĽľŁłŃńŅņŇňŌōŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
)
#: `ƒ` is also an ornamental f, before ornamental vowels: these are left to a line with other damage.
_ORNAMENTAL = frozenset("ďđėĒēĎĐ")
#: Italian words whose damage looks like a calculation: `pi√π`, `virt√π`.
_ITALIAN = frozenset(("pi", "gi", "laggi", "lass", "quaggi", "virt", "trib", "giovent", "servit"))
#: `≈õ` and the like at the beginning of a word, with the letters that may follow if it is not to be Estonian.
_POLISH_BEGINNINGS = ("≈Åa", "≈Åo", "≈Åu", "≈Åe", "≈Åy", "≈õw", "≈õc", "≈õm", "≈öw", "≈öc", "≈öm")

#: A word of plain and damaged letters, with no other letter or digit beside it; taken whole or not at all.
_WORD = re.compile(rf"(?<![^\W_])(?:[A-Za-z]|[{_LETTER_LEADS}]{M})++(?![^\W\d_]|[{_LETTER_LEADS}])")
_PAIR = re.compile(rf"[{_LETTER_LEADS}]{M}")


def decoded_from_mac_roman(sequence: str) -> str | None:
    """What a sequence reads as if it is UTF-8 that was read as Mac Roman; None where it is not."""
    try:
        return sequence.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return None


def _word(word: str) -> tuple[str, bool] | None:
    """A word with its damaged letters decoded, and whether that is sure; None where it is no word."""
    pairs = list(_PAIR.finditer(word))
    if not pairs:
        return None
    letters = [decoded_from_mac_roman(pair[0]) for pair in pairs]
    if not all(letter in LETTERS for letter in letters):
        return None
    whole = _PAIR.sub(lambda pair: decoded_from_mac_roman(pair[0]) or "", word)
    if not _cased(whole):
        return None
    plain = len(word) - 2 * len(pairs)
    if len(pairs) > 1:
        calculating = sum(pair[0][1] in _CALCULATING for pair in pairs)
        least = 2 if not calculating else 3 if calculating < len(pairs) else len(word)
        return whole, plain > 2 or plain + len(pairs) > least
    [pair], [letter] = pairs, letters
    before, after = word[: pair.start()], word[pair.end() :]
    sign = pair[0][1]
    if pair[0] == "√π" and not after:
        return whole, before.lower() in _ITALIAN
    if letter in _ORNAMENTAL:
        return whole, False
    if before:
        return whole, plain > 2 if sign in _CALCULATING else plain > 1 or bool(after)
    return whole, _sure_beginning(pair[0], after)


def _sure_beginning(pair: str, after: str) -> bool:
    """Whether a damaged letter at the beginning of a word can't have been meant."""
    if pair in ("√†", "√®"):  # à, è
        return not after or after.islower()
    if not after.islower() or len(after) < 2:
        return False
    if pair[1] in _CALCULATING:
        return len(after) > 3 and pair[0] != "√"
    return pair + after[0] in _POLISH_BEGINNINGS or pair in ("√ß", "≈û") or not pair[1].isalpha() or pair[1] in "ªº"


def _cased(word: str) -> bool:
    """Whether capitals stand where words have them: none after a small letter but that of a plain alphabet."""
    for before, letter, after in zip(" " + word, word, word[1:] + " ", strict=False):
        if not letter.isascii():
            if letter.isupper() and before.islower():
                return False
            if letter.islower() and before.isupper() and after.isupper() and letter != "ß":
                return False
    return True


def _within(*ranges: tuple[int, int]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        return all(any(low <= ord(character) <= high for low, high in ranges) for character in text)

    return holds


_PUNCTUATION = frozenset("–—‘’‚“”„†‡•…‰‹›′″‼‽⁉\u200b\u200c\u200d\u200e\u200f\u2028\u2060\u2066\u2067\u2069")
_EMOJI = _within((0x1D400, 0x1D7FF), (0x1F000, 0x1FAFF), (0xE0020, 0xE007F))
_SIGNS = _within(
    (0x20A0, 0x20BF), (0x2100, 0x2279), (0x22C0, 0x23FF), (0x2460, 0x27BF), (0x2900, 0x297F), (0x2B00, 0x2BFF)
)
_IDEOGRAPHS = _within((0x3000, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0xFF00, 0xFFEF))


def _punctuation_or_signs(text: str) -> bool:
    return all(character in _PUNCTUATION or _SIGNS(character) for character in text)


#: What else can't have been meant: the sequences, and what they must give.
_SURE = (
    (rf"\uf8ff{M}{M}{M}", _EMOJI),
    (r"Ô∏[èé]", _within((0xFE0E, 0xFE0F))),
    (rf"(?:Ô[ºΩ]{M}|Ôø[†•])+", _within((0xFF01, 0xFF7F), (0xFFE0, 0xFFE5))),
    (rf"(?<![À-ÿ])(?:‚{M}{M})+", _punctuation_or_signs),
    ("(?<![À-ÿ‚])(?:¬[†¢£•©Æ](?!¬)|¬°(?=[A-Z]))", _within((0xA0, 0xBF))),
    (r"(?<=[0-9])¬∞(?=[CF]\b)", _within((0xB0, 0xB0))),
    (rf"(?:[„‰ÂÊÁËÈÍÎÏÌ]{M}{M}|Ôº{M}){{2,}}", _IDEOGRAPHS),
    (rf"(?<=[A-Za-z])·[∫ª]{M}|·[∫ª]{M}(?=[A-Za-z])", _within((0x1E80, 0x1EFF))),  # Vietnamese
    (rf"(?:‡{M}{M}){{2,}}", _within((0x0900, 0x0EFF))),
    (rf"(?:[–—]{M}){{3,}}", _within((0x0400, 0x04FF))),
    (rf"(?:[Œœ]{M}){{3,}}", _within((0x0370, 0x03FF))),
    (rf"(?:[÷◊]{M}){{3,}}", _within((0x0590, 0x05FF))),
    (rf"(?:[ÿŸ⁄€]{M}){{3,}}", _within((0x0600, 0x06FF))),
)
#: What can be meant, and is not where the line holds one that can't.
_WEAK = (
    (r"¬[§®¨∞±≤µ∂∏π∫ªºΩø´¥∑]", _within((0xA0, 0xBF))),
    (rf"(?<![A-Za-z])(?:[–—]{M})+(?![A-Za-z])", _within((0x0400, 0x04FF))),
    (rf"(?<![A-Za-z])(?:[Œœ]{M})+(?![A-Za-z])", _within((0x0370, 0x03FF))),
    (rf"(?<![A-Za-z])(?:[÷◊]{M})+(?![A-Za-z])", _within((0x0590, 0x05FF))),
    (rf"(?<![A-Za-z])(?:[ÿŸ⁄]{M})+(?![A-Za-z])", _within((0x0621, 0x064A))),
    (r"(?<=[A-Za-z])»[òôöõ]", _within((0x0218, 0x021B))),  # Romanian
)


def _compiled(table: tuple[tuple[str, Callable[[str], bool]], ...]) -> _Compiled:
    return [(re.compile(pattern), holds) for pattern, holds in table]


_SURE_COMPILED, _WEAK_COMPILED = _compiled(_SURE), _compiled(_WEAK)

#: A test for RE2: without a match no line has a sure sequence.
SUSPECT = "|".join(
    (
        f"[{_LETTER_LEADS}]{M}|\uf8ff{M}{M}{M}|Ô[∏ºΩø]|‚{M}{M}|¬{M}",
        rf"[„‰ÂÊÁËÈÍÎÏÌ·‡]{M}{M}",
        rf"(?:[–—]{M}){{3}}|(?:[Œœ]{M}){{3}}|(?:[÷◊]{M}){{3}}|(?:[ÿŸ⁄€]{M}){{3}}",
    )
)


_LAYERED = re.compile(rf"√¢‚Ç¨(?:‚{M}{M}|[≈¬À√]{M})")


def layered(line: str) -> str:
    """The line without one layer of damage where it has two: `â€™`, itself read as Mac Roman.

    >>> layered("don√¢‚Ç¨‚Ñ¢t")
    'donâ€™t'
    """
    return _LAYERED.sub(lambda match: decoded_from_mac_roman(match[0]) or match[0], line)


def repair(line: str) -> str:
    r"""The line with what was UTF-8 and read as Mac Roman decoded, sequence by sequence.

    >>> repair("Karol Wi≈õniewski 🌱 \uf8ffü§ñ, √öl ≈ 3 €")
    'Karol Wiśniewski 🌱 🤖, Úl ≈ 3 €'
    >>> repair("√ö and ≈äpfel, f√π")
    '√ö and ≈äpfel, f√π'
    """
    repaired = _sweep(line, _SURE_COMPILED, weak=False)
    return _sweep(repaired, _WEAK_COMPILED, weak=True) if repaired != line else line


def _sweep(line: str, table: _Compiled, *, weak: bool) -> str:
    for pattern, holds in table:

        def accepted(match: re.Match[str], holds: Callable[[str], bool] = holds) -> str:
            return _accepted(match[0], holds)

        line = pattern.sub(accepted, line)

    def word(match: re.Match[str]) -> str:
        reading = _word(match[0])
        return reading[0] if reading and (weak or reading[1]) else match[0]

    return _WORD.sub(word, line)


def _accepted(sequence: str, holds: Callable[[str], bool]) -> str:
    text = decoded_from_mac_roman(sequence)
    return text if text and holds(text) else sequence
