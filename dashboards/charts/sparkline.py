"""A small chart of posts over time for a row of a table: an SVG picture in HTML.

It is a picture with words, since Streamlit takes drawings out of HTML. Its colour fits light and dark pages.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import quote

from curation.writing.terminal import count

#: Width of a bar with its gap, least width of all bars, and height, in pixels.
BAR, WIDTH, HEIGHT = 3, 96, 18
COLOUR = "#35977c"


def sparkline(posts: Sequence[int], names: Sequence[str]) -> str:
    """Bars of posts by period; `names` are those of the periods. A screen reader reads the highest bar."""
    most = max(posts, default=0)
    if not most:
        return '<span class="meta">no date</span>'
    step = max(BAR, WIDTH / len(posts))
    bars = "".join(
        f"M{place * step:.1f} {HEIGHT}v{-max(1.0, HEIGHT * each / most):.1f}h{step - 1:.1f}V{HEIGHT}z"
        for place, each in enumerate(posts)
        if each
    )
    peak = names[list(posts).index(most)]
    words = html.escape(f"{count(sum(posts), 'post')} from {names[0]} to {names[-1]}, most ({most:,}) in {peak}")
    width = f"{step * len(posts):.0f}"
    size = f'width="{width}" height="{HEIGHT}"'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path fill="{COLOUR}" d="{bars}"/></svg>'
    source = f"data:image/svg+xml,{quote(picture)}"
    return f'<img class="sparkline" src="{source}" alt="{words}" title="{words}" {size}>'
