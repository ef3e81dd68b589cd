"""One post as a card: author, time, verdict and reason, text before and after, and buttons that open and pin it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from curation.corpus.pins.pin_file import KEPT, REMOVED, Pins, change_pins, pins_of
from curation.corpus.reasons import reason
from curation.disk.workspace import Workspace
from curation.errors import CurationError, InputError
from curation.writing.html import escaped
from dashboards import session
from dashboards.markup import SHOWN, badge, block, compared, found, highlighted, plain
from dashboards.queries.post import name_of
from dashboards.session import PageContext
from dashboards.view import View

#: HTML in the place of an empty text.
EMPTY = '<span class="meta">(nothing)</span>'
#: Label and help of the buttons that pin a post.
PINNING = {
    KEPT: ("Keep", "Pin this post: a recipe must keep it. `curation check` tells whether it does."),
    REMOVED: ("Remove", "Pin this post: a recipe must remove it. `curation check` tells whether it does."),
}


def card(
    post: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], view: View, *, pinned: str = "", most: int = SHOWN
) -> str:
    """HTML of a post, a row of the corpus with all its columns.

    `rules` are those of the manifest. Links start from `view`, and its search is marked. `most` limits the
    characters of a text; 0 shows all.
    """
    return head(post) + verdict(post, rules, view, pinned=pinned) + texts(post, rules, view.q, most)


def head(post: Mapping[str, Any]) -> str:
    """HTML: author, time, platform and kind of the post."""
    author, name = post["author"] or "unknown", post.get("author_name")
    called = f"<bdi>{escaped(name)}</bdi> " if name and name != author else ""
    at = f"{post['created_at']:%Y-%m-%d %H:%M} UTC" if post["created_at"] else "no time"
    kind = next((word for word in ("repost", "reply", "quote") if post.get(f"is_{word}")), "post")
    rest = " · ".join(escaped(word) for word in (at, post["platform"], kind))
    return f'<div class="meta"><strong>{called}<bdi>@{escaped(author)}</bdi></strong> · {rest}</div>'


def verdict(post: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], view: View, *, pinned: str = "") -> str:
    """HTML: the verdict with its reason, the post kept instead, other rules that match, and the pin."""
    by_name = {rule["name"]: rule for rule in rules}
    why = [(name, reason(by_name[name], post) if name in by_name else name) for name in post["matched"] or ()]
    first = next((words for name, words in why if name == post["removed_by"]), post["removed_by"])
    pieces = [badge(first or "kept", kept=first is None)]
    if post["duplicate_of"]:
        pieces.append(link("the kept post", view.changed(post=f"{post['platform']}:{post['duplicate_of']}")))
    if pinned:
        pieces.append(f'<span class="pin">{escaped("pinned: must be " + pinned)}</span>')
    if also := [words for name, words in why if name != post["removed_by"]]:
        pieces.append(f'<span class="meta">also matched: {escaped("; ".join(also))}</span>')
    return f'<div class="verdict">{" ".join(pieces)}</div>'


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
    in_after = found(after, search, "text")
    if in_after or found(before, search, "raw_text"):
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


def draw(context: PageContext, post: Mapping[str, Any], pins: Pins, *, page: str = "") -> None:
    """Draw a post with its buttons; `pins` are those of the workspace, `page` is where a post opens, "" for here."""
    pin = pins.of(post["platform"], post["id"])
    with st.container(border=True, key=f"card:{name_of(post)}"):
        st.html(card(post, context.corpus.rules, context.view, pinned=pin.want if pin else ""))
        buttons(context, post, pin.want if pin else "", page=page)


def buttons(context: PageContext, post: Mapping[str, Any], pinned: str, *, opens: bool = True, page: str = "") -> None:
    """Draw the buttons of a post: open it, pin it."""
    name = name_of(post)
    with st.container(horizontal=True, gap="small"):
        if opens:
            view = context.view.changed(post=name)
            opened = st.button(
                "Details",
                key=f"open:{name}",
                on_click=None if page else session.show,
                args=None if page else (view,),
                help="Every step, every measure, the copies and the original record of this post.",
            )
            if opened and page:
                session.go(f"pages/{page}.py", view)
        for want, (words, doc) in PINNING.items():
            st.button(
                f"{words} ✓" if pinned == want else words,
                key=f"pin:{want}:{name}",
                type="primary" if pinned == want else "tertiary",
                icon="📌",
                on_click=_toggle,
                args=(context.space, post["platform"], post["id"], want, pinned),
                disabled=not session.may_write(),
                help=(f"{doc} Click again to remove the pin." if pinned == want else doc)
                if session.may_write()
                else session.READ_ONLY,
            )


def _toggle(space: Workspace, platform: str, post_id: str, want: str, pinned: str) -> None:
    def change(pins: Pins) -> Pins:
        return pins.unpin(platform, post_id) if pinned == want else pins.pin(platform, post_id, want)

    try:
        session.require_write()
        change_pins(space, change)
    except CurationError as error:
        st.error(plain(str(error)))
