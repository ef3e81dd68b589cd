"""Strangers' text as HTML in which nothing acts.

Characters that nobody sees, and those that turn the direction of writing, become visible signs: a post can't read as
something else than it is.
"""

from __future__ import annotations

import html
import re

from curation.writing.terminal import DIRECTION_CONTROLS

#: Control characters but for the line's end and the tabulator, lone surrogates, and the ends of other lines.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff" + "".join(DIRECTION_CONTROLS) + "]")


def show_unseen(text: str) -> str:
    """The text with what nobody sees, or what turns the direction of writing, as `⟨U+202E⟩`."""
    return UNSEEN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩", text)


def escaped(text: str, most: int = 0) -> str:
    """The text as HTML; with `most`, at most so many characters of it, and how many are left out."""
    cut = f" … {len(text) - most:,} more characters" if most and len(text) > most else ""
    return html.escape(show_unseen(text[:most] if most else text)) + cut
