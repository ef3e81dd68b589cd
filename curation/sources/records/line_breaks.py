r"""What an exporter wrote for line breaks: `⏎`, a literal `\n`, or `<br>`.

A text may hold any of these by itself: somebody explains `\n`, or types ⏎. They are line breaks only if the whole
beginning of a file shows it: no text has a real line break, and several have the mark.

>>> mark_of(["one⏎two", "three", "four⏎five"]).name
'⏎'
>>> mark_of(["press ⏎", "one\ntwo", "again ⏎ pressed"]) is None
True
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: A mark is an exporter's if this many texts have it, and this share of them.
_TEXTS = 2
_SHARE = 0.02

_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAK = re.compile(r"\s?<br\s*/?>\s?", re.IGNORECASE)
#: A backslash before something else than the letters of line breaks: a face, a path, code.
_BACKSLASH = re.compile(r"\\(?!r?\\?n|r\b)")
_DRIVE = re.compile(r"(?<![A-Za-z])[A-Za-z]:\\|\\\\\w")


@dataclass(frozen=True)
class LineBreakMark:
    """The mark for a line break in all texts of a file."""

    name: str
    pattern: re.Pattern[str]

    def replaced(self, text: str) -> str:
        """The text with line breaks."""
        return self.pattern.sub("\n", text)


_SYMBOLS = tuple(LineBreakMark(s, re.compile(rf" ?{s} ?")) for s in ("⏎", "↵", "␤", "\u240d\u240a"))
_ESCAPED = LineBreakMark(r"\n", re.compile(r"\\r\\n|\\n"))
_HTML = LineBreakMark("<br>", _BREAK)


def mark_of(texts: Sequence[str]) -> LineBreakMark | None:
    """The mark that an exporter wrote for line breaks in these texts; None if nothing shows it."""
    if any("\n" in text or "\r" in text for text in texts):
        return None
    needed = max(_TEXTS, int(len(texts) * _SHARE))
    for mark in (*_SYMBOLS, _ESCAPED, _HTML):
        with_it = [text for text in texts if mark.pattern.search(text)]
        if len(with_it) >= needed and _is_written_by_a_tool(mark, with_it, texts):
            return mark
    return None


def _is_written_by_a_tool(mark: LineBreakMark, with_it: list[str], texts: Sequence[str]) -> bool:
    if mark is _HTML:
        return not any(tag for text in texts for tag in _TAG.findall(text) if not _BREAK.fullmatch(tag))
    if mark is _ESCAPED:
        others = sum(bool(_BACKSLASH.search(text)) for text in texts)
        return not any(map(_DRIVE.search, with_it)) and others * 4 <= len(with_it)
    # A key to press is beside a word; a line break has lines before and after it.
    return sum(
        bool(mark.pattern.sub("", text).strip()) and not text.strip().endswith(mark.name) for text in with_it
    ) * 2 > len(with_it)
