"""The switches and sliders of the page Compare. Their values become changes of a recipe, which the address holds."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from curation.recipes.recipe_text import toml_value
from curation.writing.terminal import count
from dashboards.markup import plain
from dashboards.parts.choosing import following, one_line
from dashboards.queries.compare import Request
from dashboards.queries.thresholds import Knob
from dashboards.session import PageContext

#: Session key of the threshold that was moved last.
MOVED = "compare:moved"


#: Characters of A's value in a label.
SHOWN = 40


def choose(
    context: PageContext, knobs: Mapping[str, Sequence[Knob]], values: Mapping[str, Any], left_out: Sequence[str]
) -> Request:
    """Draw them with the `values` of B, by `rule.parameter`, and without some rules. Gives the request."""
    sought = st.text_input(
        "Find a setting",
        key=f"compare:find:{context.corpus.recipe}",
        placeholder="language, min, clients …",
    )
    words = (sought or "").lower().split()
    sets, without, hidden = [], [], 0
    for rule, its in knobs.items():
        label = context.labels[rule]
        whole = _has(words, rule, label)
        there = [knob for knob in its if whole or _has(words, rule, label, knob.key, knob.doc)]
        if not there and not whole:  # it keeps its changes
            hidden += 1
            without += [rule] if rule in left_out else []
            sets += [change for knob in its for change in _change(knob, values[knob.place])]
            continue
        with st.container(border=True, gap="small", key=f"rule:{context.corpus.recipe}:{rule}"):
            key = f"compare:{context.corpus.recipe}:{rule}"
            draw = functools.partial(st.toggle, plain(label), key=key)
            if not (on := following(key, rule not in left_out, draw)):
                without.append(rule)
            sets += _settings(context, its, there if words else [], values, on)
    if hidden:
        st.caption(
            f"{count(hidden, 'rule without these words is', 'rules without these words are')} hidden; what "
            "is changed there still counts."
        )
    return Request("", tuple(sets), tuple(without))


def _settings(
    context: PageContext, its: Sequence[Knob], sought: Sequence[Knob], values: Mapping[str, Any], on: bool
) -> list[str]:
    """Draw the parameters of a rule, those that are long or seldom needed folded. Gives the changes."""
    sets = []
    first = [knob for knob in its if knob.is_prominent]
    others = [knob for knob in its if knob not in first]
    for knob in first:
        sets += _set(context, knob, values[knob.place], on)
    if others:
        changed = any(values[knob.place] != knob.now for knob in others)
        found = any(knob in others for knob in sought) and len(sought) < len(its)
        with st.expander("More settings", expanded=changed or found):
            for knob in others:
                sets += _set(context, knob, values[knob.place], on)
    return sets


def _has(words: Sequence[str], *texts: str) -> bool:
    """Whether the texts together have all the words."""
    text = " ".join(texts).lower()
    return all(word in text for word in words)


def _set(context: PageContext, knob: Knob, now: Any, on: bool) -> list[str]:
    """Draw a widget. Gives its change of the recipe, if any."""
    key = f"compare:{context.corpus.recipe}:{knob.place}"
    request: Any = list(now) if isinstance(now, tuple) else now
    if knob.kind == "lines":
        request = "\n".join(now)
    value = following(key, request, lambda: _widget(knob, key, now, on))
    if knob.kind == "lines":
        value = tuple(filter(None, str(value).split("\n")))
    value = tuple(value) if isinstance(value, list) else value
    if value != now:
        st.session_state[MOVED] = knob.place
    return _change(knob, value)


def _change(knob: Knob, value: Any) -> list[str]:
    """The change of the recipe, if the value is another one."""
    return [] if value == knob.now or value is None else [f"{knob.place}={toml_value(value)}"]


def _widget(knob: Knob, key: str, now: Any, on: bool) -> Any:
    """The widget of a parameter, whose value is in the session already."""
    words: dict[str, Any] = {
        # The name of a rule is not Markdown, and a screen reader would read backslashes aloud.
        "label": f"{knob.place} (A: {_value_text(knob.now)})",
        "key": key,
        "disabled": not on,
        "help": plain(knob.doc),
    }
    if knob.kind == "slider":
        kind = type(knob.now)
        low, high = kind(min(knob.low, now)), kind(max(knob.high, now))
        return st.slider(**words, min_value=low, max_value=high, step=kind(knob.step))
    if knob.kind == "number":
        kind = type(now) if now is not None else float
        low = None if knob.low is None else kind(knob.low)
        return st.number_input(**words, min_value=low, step=kind(knob.step or 1))
    if knob.kind == "truth":
        return st.toggle(**words)
    if knob.kind == "choice":
        return st.selectbox(**words, options=list(dict.fromkeys([*knob.choices, now])))
    if knob.kind == "list":
        options = list(dict.fromkeys([*knob.choices, *now]))
        return st.multiselect(**words, options=options, format_func=one_line, accept_new_options=True)
    if knob.kind == "lines":
        return st.text_area(**words, height=160)
    if knob.kind == "date":
        return st.date_input(
            **words, min_value=datetime.date(2000, 1, 1), max_value=datetime.date(2100, 1, 1), format="YYYY-MM-DD"
        )
    return st.text_area(**words, height=80)  # a text may have several lines


def _value_text(value: Any) -> str:
    """A value in a label; texts are escaped, since they may be Markdown."""
    if value is None or value == ():
        return "none"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if len(text) <= SHOWN:
        return plain(text)
    return count(len(value), "text") if isinstance(value, tuple) else count(len(text), "character")
