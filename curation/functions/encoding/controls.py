r"""Control characters that were letters or punctuation, and other damage in single characters.

The bytes 80 to 9F are punctuation in Windows-1252, but control characters in Latin-1, which nobody types. ftfy knows
that, but first tries to read them as UTF-8 with a lost no-break space, and finds Mongolian in `está \x93próximo`. A
control character beside a plain character is not part of a sequence, so it is repaired first.
"""

from __future__ import annotations

import re

_ALONE = re.compile(
    "(?<![^\x00-\x7f])(?<!\xf0 )[\x80\x82\x84\x85\x8a-\x8c\x8e\x91-\x97\x99-\x9c\x9e\x9f](?![^\x00-\x7f])"
)
_MAC_VOWEL = re.compile("(?<=[a-z])[\x87\x88\x89\x8b\x98\x9b](?=[a-z])")
_WITHIN = re.compile("(?<=[A-Za-z])[\x80-\x9f](?=[a-z]|[^\\w\x80-\x9f]|$)")
_ARABIC_PAIR = re.compile("[ØÙ][\x80-\xbf\u0152-\u2122]")
_ARABIC_ZERO = re.compile("Ù (?=Ù[\x80-\xbf ]|Ø[\x80-\xbf])")
_CYRILLIC_LETTER = re.compile("(?<=[A-Za-z])Г[©Ў§±і¶Ё«ЄјґЈ\u00ad®Ї°µ№»єў](?=[A-Za-z])")
_CYRILLIC_A = re.compile("(?<![^\\s])Г (?=[A-Za-z])")
_TURNED_QUESTION = re.compile("(?<![^\\s])┬┐(?=[A-Za-z][^┬┐]*\\?)")

#: A test for RE2, for what ftfy's own test misses.
SUSPECT = "[A-Za-z]Г[^\\x00-\\x7f][A-Za-z]|┬┐[A-Za-z]|[ØÙ][\x80-\xbf\u0152-\u2122]"


def controls(line: str) -> str:
    r"""Single control characters become the punctuation that they are in Windows-1252.

    >>> controls("est\xe1 \x93pr\xf3ximo\x94")
    'está “próximo”'
    """
    return _ALONE.sub(lambda match: match[0].encode("latin-1").decode("cp1252"), line)


def mac_letters(line: str) -> str:
    r"""Letters of Mac Roman that were read as control characters, if one of them can't be punctuation.

    `\x87` between two letters is `á` in Mac Roman, and a dagger in Windows-1252; then `\x92` is `í`.

    >>> mac_letters("Coatl\x87n conf\x92an"), mac_letters("don\x92t")
    ('Coatlán confían', 'don\x92t')
    """
    if not _MAC_VOWEL.search(line):
        return line
    return _WITHIN.sub(_small_letter, line)


def _small_letter(match: re.Match[str]) -> str:
    letter = match[0].encode("latin-1").decode("mac_roman")
    return letter if letter.islower() else match[0]


def arabic_zero(line: str) -> str:
    """Restore the no-break space within the Arabic digit zero, if the line has more damaged Arabic."""
    return line if len(_ARABIC_PAIR.findall(line)) < 3 else _ARABIC_ZERO.sub("Ù\xa0", line)


def cyrillic(line: str) -> str:
    """Letters of UTF-8 that were read as Windows-1251, between plain Latin ones.

    >>> cyrillic("Г bien le mГ©dicament")
    'à bien le médicament'
    """
    repaired = _CYRILLIC_LETTER.sub(lambda match: match[0].encode("cp1251").decode("utf-8"), line)
    return line if repaired == line else _CYRILLIC_A.sub("à ", repaired)


def turned_question(line: str) -> str:
    """`¿` in UTF-8 that was read as code page 437, before a question.

    >>> turned_question("┬┐que hay?"), turned_question("└|┬┐x?")
    ('¿que hay?', '└|┬┐x?')
    """
    return _TURNED_QUESTION.sub("¿", line)
