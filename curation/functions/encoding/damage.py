"""The kinds of damage that a repair can name, and how the database finds what remains.

The patterns match only what nobody types: signs for lost characters, and sequences that only a wrong decoding makes.
ftfy's own test is wider, because a repair must succeed after it. As a verdict, it would take `¬¬`, which rolls its eyes
in Portuguese, or `»Član` for damage.
"""

from __future__ import annotations

from collections.abc import Iterable

#: The kind by ftfy's name of an encoding. Latin-1 is part of `windows-1252`.
BY_ENCODING = {
    "latin-1": "utf-8 as windows-1252",
    "macroman": "utf-8 as mac roman",
    "iso-8859-2": "utf-8 as iso-8859-2",
    "cp437": "utf-8 as cp437",
    **{f"sloppy-windows-{page}": f"utf-8 as windows-{page}" for page in (1250, 1251, 1252, 1253, 1254, 1257)},
}
#: All kinds; `docs/encodings.md` explains them.
KINDS = frozenset(BY_ENCODING.values()) | {
    "double damage through mac roman", "mac roman as latin-1", "c1 controls", "blank for no-break space",
    "punctuation with losses", "other losses",
}  # fmt: skip
#: What comes before a kind if the same encoding damaged the text twice.
TWICE = "twice "

#: The characters of Windows-1252 for the bytes 80 to BF, except those that follow a capital in print.
_TAIL = "\x80-\x9f¢-©¬-¹¼-¾€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ"
_ANY = "\x80-\xbf\u0152-\u02dc\u2013-\u203a€™"
#: After a `?` for a lost byte, a sign that begins nothing in print.
_LOST = "\x80-\x9f¢-ª¬-º¼-¾"

#: Sequences and their causes.
PLACES = (
    "\ufffd+",  # lost characters
    "(?:ï¿½|ďż˝|пїЅ|ÔøΩ|ο»½|ļæ½|∩┐╜)+",  # the same, damaged again
    f"(?:ð\\?(?:\\?[{_LOST}]|[{_LOST}][{_LOST}?]))+",  # an emoji with `?` for its bytes
    f"(?:^|[^a-zæöþáéíóúý])(?:ð\\?\\?\\??[{_LOST}]?)+",  # the same with few bytes left; Icelandic asks `með??`
    f"â\\?[{_LOST}]|â\\?\\?[a-z]|(?:^|[ (])â\\?\\?",  # punctuation with `?` for its bytes: `itâ??s`
    f"ã\\?[{_LOST}]|ï¸\\?|à[¸¹][?{_LOST}]",  # kana, a variation selector, Thai
    "[a-z]ã[©¨ª´§®¯±³¶¼]",  # `ecosystã¨me`: damaged, then lowered
    f"Ã[{_TAIL}¡«]|â€|â[‚„œžš][{_ANY}]|ð[Ÿ\x9f]|ï¸\x8f",  # UTF-8 read as Windows-1252
    f"(?:[ÐÑ][{_ANY}]){{2,}}|(?:[ØÙ][{_ANY}]){{2,}}|вЂ[\u2013-\u203a¦™]",  # Cyrillic and Arabic in it
    "‚Ä[¶ôúùìîò¢]|\uf8ffü[^\\x00-\\x7f]|[A-Za-z]{2}√[©®´™¨§•†≠]|[a-z]≈[õÇº]",  # UTF-8 read as Mac Roman
    "[\x89‰][Û\u06dd\u06ea]|åÊ|[A-Za-z]Ì_[a-z]|(?:^| )å_(?: |$)",  # double damage
    "[\x80-\x84\x86-\x9f]+",  # control characters; U+0085 ends a line in some texts
)

#: All of them. A match is one place; neighbouring lost characters are one.
DAMAGED = "|".join(PLACES)


def joined_kinds(kinds: Iterable[str]) -> str:
    """The kinds in order of first occurrence, for the repair record."""
    return ", ".join(dict.fromkeys(kinds))
