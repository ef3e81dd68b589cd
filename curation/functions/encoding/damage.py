"""Damage that is left in a text: how it is found, for the database alone.

What is looked for can't have been typed: the signs of characters that are lost, and sequences that only a wrong
decoding makes. ftfy's own test is wider, for it only opens the way to a repair that must then succeed; as a
verdict it would take `¬¬`, which rolls its eyes in Portuguese, or `»Član` for damage.
"""

from __future__ import annotations

# The characters that Windows-1252 has for the bytes 80 to BF, but for those that follow a capital in print.
_TAIL = "\x80-\x9f¢-©¬-¹¼-¾€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ"
_ANY = "\x80-\xbf\u0152-\u02dc\u2013-\u203a€™"
#: `?` where a byte was; after it a sign that nothing in print begins with.
_LOST = "\x80-\x9f¢-ª¬-º¼-¾"

#: Sequences, each with what it comes from.
PLACES = (
    "\ufffd+",  # characters that somebody's decoder gave up
    "(?:ï¿½|ďż˝|пїЅ|ÔøΩ|ο»½|ļæ½|∩┐╜)+",  # the same, damaged in its turn
    f"(?:ð\\?(?:\\?[{_LOST}]|[{_LOST}][{_LOST}?]))+",  # an emoji with `?` for its bytes
    f"(?:^|[^a-zæöþáéíóúý])(?:ð\\?\\?\\??[{_LOST}]?)+",  # the same with hardly a byte left; Icelandic asks `með??`
    f"â\\?[{_LOST}]|â\\?\\?[a-z]|(?:^|[ (])â\\?\\?",  # punctuation with `?` for its bytes: `itâ??s`
    f"ã\\?[{_LOST}]|ï¸\\?|à[¸¹][?{_LOST}]",  # kana, a variation selector, Thai
    "[a-z]ã[©¨ª´§®¯±³¶¼]",  # `ecosystã¨me`: damaged, then set in small letters
    f"Ã[{_TAIL}¡«]|â€|â[‚„œžš][{_ANY}]|ð[Ÿ\x9f]|ï¸\x8f",  # UTF-8 read as Windows-1252
    f"(?:[ÐÑ][{_ANY}]){{2,}}|(?:[ØÙ][{_ANY}]){{2,}}|вЂ[\u2013-\u203a¦™]",  # Cyrillic and Arabic in it
    "‚Ä[¶ôúùìîò¢]|\uf8ffü[^\\x00-\\x7f]|[A-Za-z]{2}√[©®´™¨§•†≠]|[a-z]≈[õÇº]",  # UTF-8 read as Mac Roman
    "[\x89‰][Û\u06dd\u06ea]|åÊ|[A-Za-z]Ì_[a-z]|(?:^| )å_(?: |$)",  # double damage
    "[\x80-\x84\x86-\x9f]+",  # control characters; U+0085 ends a line in some texts
)

#: All of it. A match is one place; characters that are lost side by side are one.
DAMAGED = "|".join(PLACES)
