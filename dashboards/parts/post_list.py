"""A list of posts that is read and decided by keyboard, mouse or finger.

The browser draws the rows and reports decisions in batches (`post_list.js`). The server writes a batch before it
answers, and draws nothing but this list again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from curation.corpus.pins.pin_file import WANTS, Pins, change_pins, pins_of
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.writing.html import show_unseen
from dashboards import session
from dashboards.markup import SHOWN, plain
from dashboards.parts.component import component
from dashboards.parts.fragment import fragment
from dashboards.queries.post_rows import pins_of_rows, rows
from dashboards.session import PageContext

#: What the browser asks for to take a decision back.
NONE = "none"
#: Most decisions of a batch, and most characters of a note.
MOST, LONGEST_NOTE = 10_000, 2_000


_COMPONENT = component("post_list", isolate_styles=False)


@dataclass(frozen=True)
class Page:
    """Which posts of how many a list shows, and what follows a decision."""

    caption: str
    posts: int  # in all pages
    number: int = 1
    pages: int = 1
    first: int = 1  # the place of the first post, from 1
    single: bool = False  # one post, whose details stand below
    on_turn: Callable[[int], None] | None = None
    on_open: Callable[[str], None] | None = None
    on_decided: Callable[[Sequence[Mapping[str, Any]]], None] | None = None  # after they are written
    above: Callable[[Pins], None] | None = None  # draws more with the pins of now; always the same number of elements
    below: Callable[[Pins], None] | None = None  # the same below the list; any number


def draw(context: PageContext, posts: Sequence[Mapping[str, Any]], page: Page, *, key: str, most: int = SHOWN) -> None:
    """Draw the posts. `most` limits the characters of a text; 0 shows all."""
    listed = rows(posts, context.corpus.rules, context.view.q, most=most)
    data = {
        "list": hashlib.md5(json.dumps([context.view.words(), listed]).encode("utf-8", "replace")).hexdigest(),
        "workspace": hashlib.md5(str(context.space.root.resolve()).encode()).hexdigest()[:12],
        "label": page.caption or "Posts",
        "caption": page.caption,
        "posts": page.posts,
        "page": page.number,
        "pages": page.pages,
        "first": page.first,
        "single": page.single,
        "platforms": len({row["platform"] for row in listed}) > 1,
        "address": session.address("browse", context.view.changed(post="")),
        "writable": session.may_write(),
        "refusal": session.READ_ONLY,
        "rows": listed,
    }
    _fragment(context, data, page, key)


@fragment
def _fragment(context: PageContext, data: dict[str, Any], page: Page, key: str) -> None:
    """Draw the list with the current pins; what the reader does runs this again, and no other part of the page."""
    pins, trouble = Pins(), ""
    try:
        pins = pins_of(context.space)
    except CurationError as error:
        trouble = str(error)

    def event(name: str) -> Any:
        return (st.session_state.get(key) or {}).get(name)

    def decided() -> None:
        st.session_state[f"{key}:answer"] = _write(context.space, event("decided"), page.on_decided)

    def leave(act: Callable[[Any], None] | None, kind: type, name: str) -> None:
        if act and isinstance(value := event(name), kind):
            st.session_state[f"{key}:leave"] = True
            act(value)

    if page.above:
        page.above(pins)
    _COMPONENT(
        key=key,
        data={**data, "pins": pins_of_rows(data["rows"], pins), "answer": st.session_state.get(f"{key}:answer")},
        on_decided_change=decided,
        on_turn_change=lambda: leave(page.on_turn, int, "turn"),
        on_open_change=lambda: leave(page.on_open, str, "open"),
    )
    # Above the list, it would move the list to another place, where the browser begins a new one.
    if trouble:
        st.warning(plain(trouble))
    if page.below:
        page.below(pins)
    if st.session_state.pop(f"{key}:leave", False):
        session.go_on()
        st.rerun()


def _write(
    space: Workspace, batch: Any, then: Callable[[Sequence[Mapping[str, Any]]], None] | None = None
) -> dict[str, Any] | None:
    """Write the decisions of a batch into the file of pins. Gives the answer for the browser; None for no batch."""
    if not isinstance(batch, dict) or not isinstance(batch.get("decisions"), list):
        return None
    numbered = [
        each for each in batch["decisions"][:MOST] if isinstance(each, dict) and type(each.get("number")) is int
    ]
    if not numbered:
        return None
    decisions = [each for each in numbered if _is_decision(each)]
    answer = {"tab": str(batch.get("tab")), "number": numbered[-1]["number"], "count": len(decisions)}

    def change(pins: Pins) -> Pins:
        for each in decisions:
            platform, _, post_id = each["post"].partition(":")
            if each["want"] == NONE:
                pins = pins.unpin(platform, post_id)
            else:
                pins = pins.pin(platform, post_id, each["want"], each.get("note"))
        return pins

    try:
        session.require_write()
        change_pins(space, change)
        if then:
            then(decisions)
    except CurationError as error:
        return {**answer, "error": show_unseen(str(error))}
    return answer


def _is_decision(each: Mapping[str, Any]) -> bool:
    """Whether this is a decision as the browser sends it."""
    platform, _, post_id = str(each.get("post")).partition(":")
    note = each.get("note")
    fits = note is None or (isinstance(note, str) and len(note) <= LONGEST_NOTE)
    return bool(each.get("want") in (*WANTS, NONE) and platform and post_id and fits)
