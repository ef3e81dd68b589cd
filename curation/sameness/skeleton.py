r"""The skeleton of a text: the part that stays the same when an application fills in names and numbers.

    I'm at Blue Door Café (12 Elm Street)  →  @ at @ (0 @)
    Ran 5.2 km in 31 minutes with #RunLog  →  @ 0 km in 0 minutes with @

Mentions, tags, capitalised words and quoted text become `@`, numbers become `0`, and links, emoji and repeated spaces
are removed. In scripts without capitals, names stay.
"""

from __future__ import annotations

from curation import sql
from curation.functions import patterns
from curation.sameness.canonical import EMOJI

_CAPITAL = r"A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŤŪŮŰŲŹŻŽА-ЯЁЄІЇҐΑ-ΩΆΈΉΊΌΎΏ"
_QUOTED = r'"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]|「[^」\n]*」|『[^』\n]*』'
_CAPITALS = rf"[{_CAPITAL}][\p{{L}}\p{{M}}\p{{Nd}}_'’&-]*"
#: A mention, a tag or a name, with those that follow it.
NAMES = rf"(?:(?:\B{patterns.MENTION}|{patterns.TAG}|{_CAPITALS}|{_QUOTED})[ ,&/|-]*)+"
NUMBER = r"[0-9]+(?:[.,:/][0-9]+)*"
#: A word of a skeleton. In scripts without spaces, three kana, two Han or four Thai letters count as one word.
WORD = (
    r"[\x{3040}-\x{30ff}]{1,3}|[\x{3400}-\x{9fff}\x{f900}-\x{faff}]{1,2}"
    r"|[\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}]{1,4}"
    r"|[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Devanagari}\p{Hangul}\p{M}'’]+"
)


def skeleton(text: str) -> str:
    """SQL: the skeleton of the expression `text`."""
    bare = f"CASE WHEN {patterns.has_link(text)} THEN {sql.replace_all(text, patterns.LINK, ' ')} ELSE {text} END"
    pictured = f"{sql.not_ascii(text)} AND {sql.matches(text, EMOJI)}"
    bare = f"CASE WHEN {pictured} THEN {sql.replace_all(bare, f'{EMOJI}+', ' ')} ELSE {bare} END"
    named = sql.replace_all(sql.replace_all(bare, NAMES, "@ "), NUMBER, "0")
    return f"trim({sql.replace_all(named, f'[{sql.BLANKS}]+', ' ')})"


def words(skeleton: str) -> str:
    """SQL: how many words of the expression `skeleton` are neither names nor numbers."""
    return f"len(regexp_extract_all({skeleton}, {sql.literal(WORD)}))"
