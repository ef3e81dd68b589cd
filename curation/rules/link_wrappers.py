r"""What surrounds a link only because of it, and goes with it: brackets, quotes, arrows, *via*, Markdown.

Every link first becomes the shortest possible link, `http:///`. Then exact matches find what wraps a link, whatever the
text contains, and `DEPTH` rounds remove wrappers within wrappers. Everything is RE2, with linear time; few posts with a
link pass the test `SUSPECT` before it.

A wrapper that contains a word stays: `(see https://…)` keeps its brackets. Quotes that look alike count only after a
blank and without blanks inside, because in `"a" https://… "b"` they belong to the words.
"""

from __future__ import annotations

from curation import sql
from curation.functions import patterns
from curation.sql import BLANKS

#: Levels of wrappers within wrappers.
DEPTH = 2
#: What every link becomes. It is a link itself, so a text can contain it only where a link was.
MARK = "http:///"

_BLANK = r"[ \t\x{a0}]*"
_INVISIBLE = r"\x{200b}\x{200e}\x{200f}\x{2060}\x{feff}"
_PAD = f"[{BLANKS}{_INVISIBLE}]*"
#: Between links in a row.
_COMMAS = ",;/|&+•·、，；،؛"
_LINKS = rf"{MARK}(?:[{BLANKS}{_INVISIBLE}{_COMMAS}]*{MARK})*[.,;:!?…。、，！？؟،]*"

#: Brackets and quotes whose two sides differ.
_PAIRS = (
    "()", "[]", "{}", "<>", "（）", "［］", "｛｝", "＜＞", "｟｠", "「」", "『』", "｢｣", "【】", "〔〕", "〖〗",
    "〘〙", "〈〉", "《》", "⟨⟩", "⟪⟫", "❨❩", "❲❳", "❴❵", "❬❭", "❮❯", "❰❱", "﴾﴿", "༼༽", "“”",
    "„“", "„”", "‚‘", "‚’", "〝〟", "〝〞",
)  # fmt: skip
#: Quotes whose sides look alike, or that open in some languages and close in others.
_QUOTES = ('""', "''", "``", "´´", "‘’", "””", "’’", "»«", "»»", "›‹", "＂＂", "＇＇")
_FRENCH = ("«»", "‹›")
_THIN = r"[ \x{a0}\x{202f}]?"
_TONES = r"[\x{fe0e}\x{fe0f}\x{1f3fb}-\x{1f3ff}]*"
_ARROWS = "→➔➘-➾⇒⇨⇢⟶⟹⟼↠↣↦↪⤵⤷↳↓⇓⬇⮕➡▶►▸▷▹🔗🔽⏩⏬☞☛👉👇⭢⮞🡆🡒🠖🠊←⇐⬅👈↩"
_BACKWARD = "←⇐⬅👈↩◀◄☜👆☝↑⬆🔼🔗"
#: A dash or bar between words and a link.
_DASHES = r"\-–—―|｜•·~〜"


def _literally(signs: str) -> str:
    return "".join("\\" + sign if sign.isascii() else sign for sign in signs)


def _any(pairs: tuple[str, ...], pad: str) -> str:
    return "|".join(f"{_literally(pair[0])}{pad}{_LINKS}{pad}{_literally(pair[1])}" for pair in pairs)


_OPENING = "".join(pair[0] for pair in _PAIRS)
_BEFORE_QUOTE = rf"(^|[{BLANKS}{_INVISIBLE}{_literally(_OPENING)}«‹:：>-])"
_NO_BRACKET = rf"[^{BLANKS}()<>]"
#: `[words](https://…)`, with a title or without; an address may hold brackets in pairs.
_MARKDOWN = (
    rf"!?\[([^\[\]\n]*)\]\({_PAD}<?(?i:https?://|\bwww\.)[A-Za-z0-9]{_NO_BRACKET}*(?:\({_NO_BRACKET}*\){_NO_BRACKET}*)*>?"
    rf"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?{_PAD}\)"
)
#: `**https://…**`: an address may end with stars, so the link would include the closing ones.
_STARRED = rf"(^|[{BLANKS}{_literally(_OPENING)}])[*_~]+{patterns.LINK}[*_~]($|[{BLANKS}.,;:!?)\]…])"

#: In the order of the attempts, each with its replacement.
_WRAPPERS = (
    (rf"[{_ARROWS}]{_TONES}{_PAD}{MARK}", MARK),
    (rf"{MARK}{_BLANK}[{_BACKWARD}]{_TONES}", MARK),
    (rf"(^|[{BLANKS}(\[])[-=~]*>+{_BLANK}{MARK}", rf"\1{MARK}"),
    (rf"{MARK}{_BLANK}<[-=~]+($|[{BLANKS})\]])", rf"{MARK}\1"),
    (rf"(^|[^\p{{L}}\p{{M}}\p{{Nd}}_@#＠＃])(?i:v[ií]a)[:：]?{_BLANK}{MARK}", rf"\1{MARK}"),
    (rf"(?m:^)((?:[^«‹\n]*[{BLANKS}])?)[»›]+{_BLANK}{MARK}", rf"\1{MARK}"),  # unless it closes a quotation
    (_any(_PAIRS, _PAD), MARK),
    (rf"{_BEFORE_QUOTE}(?:{_any(_QUOTES, '')}|{_any(_FRENCH, _THIN)})", rf"\1{MARK}"),
)
_IN_A_ROW = rf"{MARK}(?:[ \t]*[{_COMMAS}]+[ \t]*{MARK})+"
_PARTED = rf"(^|[ \t\n])[{_DASHES}]+[ \t]*{MARK}(?:[ \t]*{MARK})*[ \t]*(?m:$)"
_BETWEEN_DASHES = rf"(^|[ \t\n])([{_DASHES}]+)[ \t]*{MARK}[ \t]*[{_DASHES}]+[ \t]"
_BLANKS_AND_MARKS = rf"(?:[ \t]*{MARK})+[ \t]*"

_LINK_BEGINS = r"(?i:https?://|\bwww\.)"
_QUOTE_OPENS = "[" + _literally("".join(pair[0] for pair in _QUOTES)) + "*_~]"
#: A test for RE2 that is false for a text in which nothing wraps a link.
SUSPECT = (
    rf"(?:[{_literally(_OPENING)}{_ARROWS}«‹>»›]{_TONES}{_PAD}|{_QUOTE_OPENS}|(?i:v[ií]a)[:：]?{_BLANK}){_LINK_BEGINS}"
    rf"|(?:^|[ \t\n])[{_DASHES}]+[ \t]*{patterns.LINK}(?:[ \t]*{patterns.LINK})*[ \t]*(?m:$|[{_DASHES}])"
    rf"|{_LINK_BEGINS}[!-~]*{_BLANK}(?:[{_BACKWARD}]|<[-=~])|{patterns.LINK}[ \t]*[{_COMMAS}]+[ \t]*{_LINK_BEGINS}"
)


def without_wrapped_links(text: str) -> str:
    """SQL: the expression `text` with a blank for each link and everything that only wraps it."""
    text = sql.replace_all(text, _MARKDOWN, r"\1")
    text = sql.replace_all(text, _STARRED, rf"\1{MARK}\2")
    text = sql.replace_all(text, patterns.LINK, MARK)
    for _ in range(DEPTH):
        for pattern, instead in _WRAPPERS:
            text = sql.replace_all(text, pattern, instead)
    text = sql.replace_all(text, _IN_A_ROW, MARK)
    text = sql.replace_all(text, _PARTED, rf"\1{MARK}")
    text = sql.replace_all(text, _BETWEEN_DASHES, r"\1\2 ")
    return sql.replace_all(text, _BLANKS_AND_MARKS, " ")
