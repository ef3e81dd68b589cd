"""Untrusted text as HTML in which nothing is active.

Invisible characters, and those that change the direction of writing, become visible signs, so a post can't pretend to
say something else.
"""

from __future__ import annotations

import html
import re

from curation.writing.terminal import DIRECTION_CONTROLS, count

#: Control characters except tab and line feed, lone surrogates, and Unicode's line and paragraph separators.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff" + "".join(DIRECTION_CONTROLS) + "]")


def show_unseen(text: str) -> str:
    """The text with invisible characters, and those that change the direction of writing, as `⟨U+202E⟩`."""
    return UNSEEN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩", text)


class Prose(str):
    """Our own words, in which backticks mark code."""


def with_code(text: str, most: int = 0) -> str:
    """The text as HTML, with what stands between backticks as code; everything is escaped.

    >>> with_code("fewer than `min` words")
    'fewer than <code>min</code> words'
    """
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escaped(text, most))


def escaped(text: str, most: int = 0) -> str:
    """The text as HTML; with `most`, at most that many characters and how many are left out."""
    cut = f" … {count(len(text) - most, 'more character')}" if most and len(text) > most else ""
    return html.escape(show_unseen(text[:most] if most else text)) + cut
