"""Strangers' text as Markdown in which nothing acts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from curation.writing.terminal import visible_line

#: What acts in Markdown within a line, and the beginnings of addresses that become links by themselves.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>&~|#$]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def markdown_table(heads: Sequence[str], lines: Iterable[Sequence[str | int]]) -> str:
    """A table in Markdown; its cells are text in which nothing acts."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join("| " + " | ".join(markdown_text(str(cell)) for cell in row) + " |\n" for row in rows)


def markdown_text(text: str) -> str:
    r"""Text for the inside of a line of Markdown: no markup, no HTML, no end of a cell or row, nothing unseen.

    >>> markdown_text("a_b | <i>\n[c](d)")
    'a\\_b \\| \\<i\\> \\[c\\](d)'
    """
    return _MARKDOWN.sub(r"\\\g<0>", visible_line(" ".join(text.split())))
