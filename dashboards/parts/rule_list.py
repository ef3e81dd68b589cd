"""The rules of a recipe in order, as a list to click: move by buttons, keys or dragging, switch off, choose.

Streamlit has no such list, so this is a component of its own. It gets texts as data and draws them as texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from curation.writing.html import show_unseen
from dashboards.parts.component import component


@dataclass(frozen=True)
class RuleLine:
    """A rule in the list."""

    label: str
    does: str  # what it removes or rewrites
    on: bool
    wrong: str = ""  # what is wrong with it, in a few words


_COMPONENT = component("rule_list", html='<ol aria-label="Rules, in order"></ol>')


def draw(lines: Sequence[RuleLine], chosen: int, state: str, on_act: Callable[[str, int, int], None], key: str) -> None:
    """Draw the list. `on_act` is called with `move`, `switch` or `choose`, a number from 0, and where it moves to.

    `state` names what is drawn: a click on a list that has changed meanwhile does nothing.
    """

    def act() -> None:
        value = st.session_state[key].get("act")
        if not isinstance(value, dict) or value.get("state") != state:
            return
        match value:  # what a browser sends is checked like any other input
            case {"kind": "move" | "switch" | "choose" as kind, "at": int(at), "to": int(to)}:
                if 0 <= at < len(lines) and 0 <= to < len(lines):
                    on_act(kind, at, to)

    rules = [{**asdict(line), "label": show_unseen(line.label), "wrong": show_unseen(line.wrong)} for line in lines]
    _COMPONENT(data={"rules": rules, "chosen": chosen, "state": state}, key=key, on_act_change=act)
