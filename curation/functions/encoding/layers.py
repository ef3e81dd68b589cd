r"""Damage in two layers, and damage that lost a byte.

The best-known chain goes through a spreadsheet on an old Macintosh: UTF-8 was read as Windows-1252 (`’` became `â€™`),
saved as Mac Roman (bytes 89 DB AA), and read as Latin-1 (`\x89Ûª`) or Windows-1252 (`‰Ûª`). A reader that tries UTF-8
first finds an Arabic sign in it: DB AA is U+06EA. Characters that Mac Roman lacks became `_`. `‰Û_` is the ellipsis,
because no other punctuation with the same first bytes is common. `Ì_` may be any of eleven letters, and stays.
"""

from __future__ import annotations

import re

from curation.functions.encoding.mac_roman import LETTERS

_PUNCTUATION = frozenset("–—‘’‚“”„†‡•…‰‹›€™")
_LATIN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿ")

#: The characters of Latin-1 and Windows-1252 for bytes from 80.
_HIGH = "[\x80-\xff\u0152-\u2122]"
#: `Û`, or an Arabic sign from its byte and the next one.
_SURE = re.compile(
    "[\x89‰](?:Û[\x80-\xff_\u0152-\u2122]|â[\x80-\xff\u0152-\u2122]|ã[\x80-\xff]|[\u06dd\u06e2\u06ea\u06fc])"
    "|åÊ"  # a no-break space
    "|(?<![^\\W_])å£(?=[0-9])|(?<=[0-9])å¡|(?<=N)å¼(?=[0-9])"
    "|(?<=[0-9])ÌÑ(?=[0-9])|(?<=[0-9] )ÌÑ(?= [0-9])"
)
_LETTER = re.compile(f"(?<=[A-Za-z])Ì{_HIGH}(?=[a-z])|(?<![^\\W_])Ì{_HIGH}(?=[a-z]{{2}})")
_WEAK = re.compile(f"å{_HIGH}|(?<=[A-Za-z])Ì{_HIGH}|(?<=[A-Za-z])[\u0320-\u033f](?=[a-z ])")
_OF_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")

#: A test for RE2.
SUSPECT = (
    "[\x89‰](?:Û[\x80-\xff_\u0152-\u2122]|[âã][\x80-\xff\u0152-\u2122]|[\u06dd\u06e2\u06ea\u06fc])"
    "|å[Ê\u0289]|å£[0-9]|[0-9]å¡|Nå¼[0-9]|[0-9] ?ÌÑ ?[0-9]|Ì[\x80-\xff\u0152-\u2122][a-z]"
    "|[a-z][ÃÄÅ][\x80-\xbf\u0152-\u2122]"
)


def twice_mac(line: str) -> str:
    r"""The line with the double damage through Mac Roman undone.

    >>> twice_mac("It\x89Ûªs ‰ÛÏfog‰Û\x9d, he said‰Û_ 5 ‰ of it")
    'It’s “fog”, he said… 5 ‰ of it'
    """
    line = line.replace("å\u0289Û", "åÊ‰Û")  # a no-break space whose Ê a reader took for UTF-8
    arabic = len(_OF_ARABIC.findall(line)) > len(re.findall("[\x89‰][\u06dd\u06e2\u06ea\u06fc]", line))

    def sure(match: re.Match[str]) -> str:
        if arabic and _OF_ARABIC.search(match[0]):
            return match[0]
        return _undone(match[0], _PUNCTUATION | set("\xa0£°º×"))

    repaired = _LETTER.sub(lambda match: _undone(match[0], _LATIN, signs=True), _SURE.sub(sure, line))
    if repaired == line:
        return line
    return _WEAK.sub(lambda match: _undone(match[0], _LATIN | set("\xa0¡¢£¥§¨©ª«®¯°±´µ¶·¸º»¿×")), repaired)


def _undone(sequence: str, allowed: set[str] | frozenset[str], *, signs: bool = False) -> str:
    """What the sequence was; the sequence itself unless that is one of `allowed`.

    With `signs` a sign must follow the first character: `ÌÉ` could be two letters.
    """
    if sequence.endswith("Û_"):
        return "…"
    if signs and sequence[1].isalpha() and sequence[1] not in "ªº":
        return sequence
    lost = bytearray()
    for number, byte in enumerate(_bytes(sequence)):
        if number and byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):  # undefined in Windows-1252, and kept by its writer
            lost.append(byte)
            continue
        try:
            lost += bytes([byte]).decode("mac_roman").encode("cp1252")
        except UnicodeError:
            return sequence
    try:
        text = lost.decode("utf-8")
    except UnicodeError:
        return sequence
    return text if text in allowed else sequence


def _bytes(sequence: str) -> bytes:
    """The characters as bytes of Latin-1, else of Windows-1252, else of UTF-8."""
    original = b""
    for character in sequence:
        for encoding in ("latin-1", "cp1252", "utf-8"):
            try:
                original += character.encode(encoding)
                break
            except UnicodeError:
                continue
    return original


# ftfy repairs sequences of a single encoding.
_MIXED = re.compile("â\x80[\u0152-\u2122]|â€[\x80-\x9c\x9e\x9f]")
#: The same, if its last character is such a sequence itself.
_NESTED = re.compile("(?<=â[\x80€])â[\x80€][\x80-\xbf\u0152-\u2122]")


def mixed(line: str) -> str:
    r"""Repair sequences of UTF-8 whose bytes were read partly as Latin-1 and partly as Windows-1252.

    >>> mixed("friendly â\x80“ live, â\x80â\x80\x9cagain")
    'friendly – live, –again'
    """

    def together(match: re.Match[str]) -> str:
        text = _decoded(match[0])
        return text if text in _PUNCTUATION else match[0]

    return _MIXED.sub(together, _NESTED.sub(together, line))


def _decoded(sequence: str) -> str:
    """The sequence as UTF-8; empty if it is not."""
    try:
        return _bytes(sequence).decode("utf-8")
    except UnicodeError:
        return ""


_SIGN = "[\x80-\xbf\u0160-\u0192\u02c6\u02dc\u2020-\u2022\u2030\u20ac\u2122‚„]"
_ENDING = "[’‘“”‹›–—…]"  # may also end a word
_LETTERS = re.compile(f"(?<=[a-z])(?:[ÃÄÅ](?:{_SIGN}|{_ENDING}))+(?=[a-z])|(?<=[a-z])(?:[ÃÄÅ](?![«»]){_SIGN})+(?!\\w)")


def letters(line: str) -> str:
    """Repair small letters of UTF-8 that were read as Windows-1252, within a word; ftfy needs a whole line of them.

    >>> letters("WiÅ›nia siÄ™ 🌱"), letters("Ã la mode, kÅ” ÅÄÖ")
    ('Wiśnia się 🌱', 'Ã la mode, kÅ” ÅÄÖ')
    """

    def together(match: re.Match[str]) -> str:
        text = _decoded(match[0])
        # `Ã¥` may also be Mac Roman that was read as Latin-1.
        return text if text.islower() and LETTERS.issuperset(text) and text != "å" else match[0]

    return _LETTERS.sub(together, line)


#: `…` in UTF-8, read as Windows-1252 and written as Latin-1, which has no `€`. Only a sign may follow it.
_ELLIPSIS = re.compile("â\\?¦(?![\ufe0e\ufe0f\\w]|ï¸)")
#: `”` in UTF-8, read as Windows-1252, which lacks its last byte; after an open quotation.
_QUOTE = re.compile("(“[^“”]*?)â€\\?")
#: The English apostrophe and the sign before an amount, which lost bytes in the same way.
_APOSTROPHE = re.compile("(?<=[A-Za-z])â\\?\\?(?=(?:[stmd]|re|ve|ll)(?![\\w]))")
_EURO = re.compile("â\\?¬(?=[0-9])")
#: `â€˜` and `â€¦`, where a program took `â€` for a quotation mark.
_SET = {"‘˜": "‘", "‘¦": "…"}
_LOST = ((_ELLIPSIS, "…"), (_QUOTE, "\\1”"), (_APOSTROPHE, "’"), (_EURO, "€"))


def mend_losses(line: str) -> str:
    """Repair the ellipsis without its middle byte, the closing quotation mark without its last byte, and the like.

    >>> mend_losses("itâ??s â?¬5â?¦ “fogâ€? â?¦ï¸ â?? ‘˜so’")
    'it’s €5… “fog” â?¦ï¸ â?? ‘so’'
    """
    for damaged, meant in _SET.items():
        line = line.replace(damaged, meant)
    for pattern, meant in _LOST:
        line = pattern.sub(meant, line)
    return line
