"""One post as HTML: author, time, verdict and reason, text before and after."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from curation.corpus.pins.pin_file import Pins, pins_of
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.writing.html import escaped
from dashboards import session
from dashboards.markup import SHOWN, block, compared, highlighted, plain, spans_of
from dashboards.view import View

#: HTML in the place of an empty text.
EMPTY = '<span class="meta">(nothing)</span>'


def head(post: Mapping[str, Any]) -> str:
    """HTML: author, time, platform and kind of the post."""
    author, name = post["author"] or "unknown", post.get("author_name")
    called = f"<bdi>{escaped(name)}</bdi> " if name and name != author else ""
    at = f"{post['created_at']:%Y-%m-%d %H:%M} UTC" if post["created_at"] else "no time"
    kind = next((word for word in ("repost", "reply", "quote") if post.get(f"is_{word}")), "post")
    rest = " · ".join(escaped(word) for word in (at, post["platform"], kind))
    return f'<div class="meta"><strong>{called}<bdi>@{escaped(author)}</bdi></strong> · {rest}</div>'


def link(words: str, view: View) -> str:
    """HTML of a link to Browse with a view."""
    return f'<a href="{html.escape(session.address("browse", view))}" target="_self">{escaped(words)}</a>'


def texts(post: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], search: str, most: int = SHOWN) -> str:
    """HTML of the text; if a rule changed it, before and after, with the changes or the `search` marked."""
    before, after = post["raw_text"], post["text"]
    if before == after:
        return block(highlighted(after, search, most) or EMPTY)
    labels = {rule["name"]: rule["label"] for rule in rules}
    by = ", ".join(labels.get(name, name) for name in post["rewritten_by"] or ())
    in_after = spans_of(after, search, "text")
    if in_after or spans_of(before, search, "raw_text"):
        old = escaped(before, most) if in_after else highlighted(before, search, most, "raw_text")
        new = highlighted(after, search, most, "text")
    else:
        old, new = compared(before, after, most)
    how = f'<span class="meta">before{": " + escaped(by) if by else ""}</span>'
    return (
        f'<div class="pair">{how}{block(old or EMPTY, kind="text before")}'
        f'<span class="meta">after</span>{block(new or EMPTY)}</div>'
    )


def read_pins(space: Workspace) -> Pins:
    """The pins of a workspace; none, with a warning, if their file is unreadable."""
    try:
        return pins_of(space)
    except InputError as error:
        st.warning(plain(str(error)))
        return Pins()
