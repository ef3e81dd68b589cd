"""Tables of terms: each with a link to its posts, figures to the right, and a sparkline."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from curation.asking.vocabulary.cells import Period
from curation.asking.vocabulary.voice import Spoken
from curation.writing.html import escaped
from dashboards import session
from dashboards.charts.sparkline import sparkline
from dashboards.markup import html_table
from dashboards.view import View

#: Characters of a term in a table.
SHOWN = 80


def figure_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """HTML of a table of terms; the cells are HTML already, the first of each row names it, the others are figures."""
    return html_table(heads, rows, set(range(1, len(heads))), wide=True)


def link(text: str, view: View) -> str:
    """HTML of a term that leads to its posts in Browse."""
    address = html.escape(session.address("browse", view))
    return f'<a href="{address}" target="_self"><bdi>{escaped(text, SHOWN)}</bdi></a>'


def spoken_table(
    head: str, rows: Sequence[Spoken], periods: Sequence[Period], view: Callable[[str], View] | None, *, kept: bool
) -> str:
    """Terms with posts, share of posts or share kept, and posts over time; `view` gives the posts of a term."""
    names = [period.first if period.first == period.last else f"{period.first} to {period.last}" for period in periods]
    return figure_table(
        [head, "Posts", "Kept" if kept else "Share", "Over time"],
        [
            [
                link(row.text, view(row.text)) if view else f"<bdi>{escaped(row.text, SHOWN)}</bdi>", f"{row.posts:,}",
                f"{row.kept / row.posts:.1%}" if kept else f"{row.share:.1%}", sparkline(row.over_time, names),
            ]
            for row in rows
        ],
    )  # fmt: skip
