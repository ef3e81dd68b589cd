"""UTF-8 that was read as Mac Roman, one sequence at a time.

ftfy decodes a whole line or nothing, so it stops at an emoji beside the damage, and leaves `Wi≈õnia`: one damaged
letter is too little for its score. A single sequence is enough evidence if nobody can have meant it: its bytes are
UTF-8, people write the resulting character there, and they don't write what is there now. Nobody puts `≈` within a word
to calculate.

A sequence that somebody could mean (`√ö` at the beginning of a word: a tick and an `ö`?) is *weak*. It is repaired only
if the same line has a sure one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

#: The characters of Mac Roman for the bytes 80 to BF, which continue a sequence.
CONTINUED = bytes(range(0x80, 0xC0)).decode("mac_roman")
#: One of them, for expressions of Python and RE2.
M = f"[{CONTINUED}]"

_LETTER_LEADS = "√ƒ≈"  # C3, C4, C5: the letters of Latin-1, and of Europe's other Latin alphabets
_CALCULATING = frozenset("π∞∂±µ∑∏∫Ω≠≤≥∆°")

#: Letters in use; other values of the same bytes (ĉ, ŉ, ſ) hardly occur.
LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĻļĽľŁłŃńŅņŇňŌōŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž"
)
#: `ƒ` is also an ornamental f before ornamental vowels; these are repaired only with other damage.
_ORNAMENTAL = frozenset("ďđėĒēĎĐ")
#: Italian words whose damage looks like a calculation: `pi√π`, `virt√π`.
_ITALIAN = frozenset(("pi", "gi", "laggi", "lass", "quaggi", "virt", "trib", "giovent", "servit"))
#: `≈õ` and the like at the beginning of a word, with the next letters that exclude Estonian.
_POLISH_BEGINNINGS = ("≈Åa", "≈Åo", "≈Åu", "≈Åe", "≈Åy", "≈õw", "≈õc", "≈õm", "≈öw", "≈öc", "≈öm")

#: A word of plain and damaged letters, without another letter or digit beside it; repaired whole or not at all.
_WORD = re.compile(rf"(?<![^\W_])(?:[A-Za-z]|[{_LETTER_LEADS}]{M})++(?![^\W\d_]|[{_LETTER_LEADS}])")
_PAIR = re.compile(rf"[{_LETTER_LEADS}]{M}")


def decoded_from_mac_roman(sequence: str) -> str | None:
    """The sequence as UTF-8 that was read as Mac Roman; None if it is not."""
    try:
        return sequence.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return None


def _word(word: str) -> tuple[str, bool] | None:
    """A word with its damaged letters decoded, and whether that is sure; None if the result is not a word."""
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
    """Whether nobody can have meant the sequence at the beginning of a word."""
    if pair in ("√†", "√®"):  # à, è
        return not after or after.islower()
    if not after.islower() or len(after) < 2:
        return False
    if pair[1] in _CALCULATING:
        return len(after) > 3 and pair[0] != "√"
    return pair + after[0] in _POLISH_BEGINNINGS or pair in ("√ß", "≈û") or not pair[1].isalpha() or pair[1] in "ªº"


def _cased(word: str) -> bool:
    """Whether the case of decoded letters fits: no capital after a small letter, no small letter between capitals."""
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


def _compiled(*table: tuple[str, Callable[[str], bool]]) -> list[tuple[re.Pattern[str], Callable[[str], bool]]]:
    return [(re.compile(pattern), holds) for pattern, holds in table]


#: Other sure sequences, and the test that their result must pass.
_SURE = _compiled(
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
#: Weak sequences.
_WEAK = _compiled(
    (r"¬[§®¨∞±≤µ∂∏π∫ªºΩø´¥∑]", _within((0xA0, 0xBF))),
    (rf"(?<![A-Za-z])(?:[–—]{M})+(?![A-Za-z])", _within((0x0400, 0x04FF))),
    (rf"(?<![A-Za-z])(?:[Œœ]{M})+(?![A-Za-z])", _within((0x0370, 0x03FF))),
    (rf"(?<![A-Za-z])(?:[÷◊]{M})+(?![A-Za-z])", _within((0x0590, 0x05FF))),
    (rf"(?<![A-Za-z])(?:[ÿŸ⁄]{M})+(?![A-Za-z])", _within((0x0621, 0x064A))),
    (r"(?<=[A-Za-z])»[òôöõ]", _within((0x0218, 0x021B))),  # Romanian
)

#: A test for RE2: a line without a match has no sure sequence.
SUSPECT = "|".join(
    (
        f"[{_LETTER_LEADS}]{M}|\uf8ff{M}{M}{M}|Ô[∏ºΩø]|‚{M}{M}|¬{M}",
        rf"[„‰ÂÊÁËÈÍÎÏÌ·‡]{M}{M}",
        rf"(?:[–—]{M}){{3}}|(?:[Œœ]{M}){{3}}|(?:[÷◊]{M}){{3}}|(?:[ÿŸ⁄€]{M}){{3}}",
    )
)


_LAYERED = re.compile(rf"√¢‚Ç¨(?:‚{M}{M}|[≈¬À√]{M})")


def layered(line: str) -> str:
    """The line without one layer of damage where it has two: `â€™` that was read as Mac Roman.

    >>> layered("don√¢‚Ç¨‚Ñ¢t")
    'donâ€™t'
    """
    return _LAYERED.sub(lambda match: decoded_from_mac_roman(match[0]) or match[0], line)


def repair(line: str) -> str:
    r"""The line with UTF-8 that was read as Mac Roman decoded, sequence by sequence.

    >>> repair("Karol Wi≈õniewski 🌱 \uf8ffü§ñ, √öl ≈ 3 €")
    'Karol Wiśniewski 🌱 🤖, Úl ≈ 3 €'
    >>> repair("√ö and ≈äpfel, f√π")
    '√ö and ≈äpfel, f√π'
    """
    repaired = _sweep(line, _SURE, weak=False)
    return _sweep(repaired, _WEAK, weak=True) if repaired != line else line


def _sweep(line: str, table: Iterable[tuple[re.Pattern[str], Callable[[str], bool]]], *, weak: bool) -> str:
    for pattern, holds in table:

        def accepted(match: re.Match[str], holds: Callable[[str], bool] = holds) -> str:
            text = decoded_from_mac_roman(match[0])
            return text if text and holds(text) else match[0]

        line = pattern.sub(accepted, line)

    def word(match: re.Match[str]) -> str:
        reading = _word(match[0])
        return reading[0] if reading and (weak or reading[1]) else match[0]

    return _WORD.sub(word, line)
