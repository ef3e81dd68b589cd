"""A long stretch of the training text, from a random place, as the model reads it."""

from __future__ import annotations

import streamlit as st

from curation.errors import CurationError, NothingToDoError
from curation.exports.reading import Stretch
from curation.options.export import ExportOptions
from curation.writing.html import escaped
from dashboards.markup import plain
from dashboards.parts.fragment import fragment
from dashboards.queries import reading
from dashboards.snapshot import Snapshot

#: Characters that the page shows.
SHOWN = 12_000
#: Pixels of the part in which the stretch scrolls.
HEIGHT = 420

#: A mark between posts as the page shows it, and what it is.
SIGNS = {"\n": ("↵", "the end of a line: here a record ends")}
A_MARK = "a mark between two posts, as it stands in the file"
#: What is not applied with many posts, in words.
NOT_APPLIED = {
    "valid": "the split (some of these posts will be on the validation side)",
    "balance": "balancing (no post is repeated here)",
}


def draw(snapshot: Snapshot, options: ExportOptions, *, key: str, height: int = HEIGHT) -> None:
    """Draw a stretch of the training file that these options make, with a button for another one."""
    st.header(
        "Read as the model does",
        help="A stretch out of the middle of the training file, with its order, the marks between posts, and what the "
        "format changes in the texts.",
    )
    _part(snapshot, options, key, height)


@fragment
def _part(snapshot: Snapshot, options: ExportOptions, key: str, height: int) -> None:
    formats = reading.readable(options)
    if not formats:
        st.caption("These formats are no text: choose another one besides, to read it here.")
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    chosen = next(iter(formats))
    if len(formats) > 1:
        chosen = row.segmented_control(
            "Format", list(formats), default=chosen, required=True, key=f"{key}:format", label_visibility="collapsed"
        )
    place = f"{key}:draw"
    if row.button("Another stretch", key=f"{key}:another", icon=":material/shuffle:"):
        st.session_state[place] = st.session_state.get(place, 0) + 1
    try:
        found = reading.stretch(snapshot, formats.get(chosen, chosen), options, st.session_state.get(place, 0))
    except NothingToDoError as error:
        st.info(plain(str(error)))
        return
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    what = "Records" if found.is_of_records else "Posts"
    st.caption(
        f"{what} {found.first:,} to {found.last:,} of {found.of:,} in {plain(found.file)}"
        f"{', whose tokens say the same' if chosen == 'tokens' else ''}."
    )
    if found.not_applied:
        left = " and ".join(NOT_APPLIED[name] for name in found.not_applied)
        st.caption(f"With this many posts, {left} is not applied here.")
    with st.container(height=height, border=True, key=f"{key}:stretch"):
        st.html(stretch_html(found))


def stretch_html(found: Stretch) -> str:
    """HTML of a stretch: its text as plain text, each post in its own direction, and marks that one sees."""
    html, left = [], SHOWN
    for piece, is_mark in found.pieces():
        if left <= 0:
            html.append(" …")
            break
        if is_mark:
            sign, doc = SIGNS.get(piece, (piece, A_MARK))
            html.append(f'<span class="between" title="{doc}">{escaped(sign)}</span>{"<br>" if sign != piece else ""}')
        else:
            html.append(f"<bdi>{escaped(piece, left)}</bdi>")
            left -= len(piece)
    return f'<div class="text stretch">{"".join(html)}</div>'
