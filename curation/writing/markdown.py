"""Untrusted text as Markdown in which nothing is active."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from curation.writing.terminal import visible_line

#: What is active in a line of Markdown, and the beginnings of addresses that become links by themselves.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>&~|#$]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def markdown_table(heads: Sequence[str], lines: Iterable[Sequence[str | int]]) -> str:
    """A table in Markdown, with nothing active in its cells."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join("| " + " | ".join(markdown_text(str(cell)) for cell in row) + " |\n" for row in rows)


def markdown_text(text: str) -> str:
    r"""Text for the inside of a line of Markdown: no markup, no HTML, no end of a cell or row, nothing invisible.

    >>> markdown_text("a_b | <i>\n[c](d)")
    'a\\_b \\| \\<i\\> \\[c\\](d)'
    """
    return _MARKDOWN.sub(r"\\\g<0>", visible_line(" ".join(text.split())))
