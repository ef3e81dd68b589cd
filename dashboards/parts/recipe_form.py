"""The form of a rule: its parameters by their types, checked where they stand; and the choice of one to add."""

from __future__ import annotations

import dataclasses
import datetime
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from curation.asking.draft import Draft
from curation.options.bounds import Bound
from curation.recipes import recipe_edit
from curation.rules import RuleBook
from curation.rules.base import Rule
from curation.rules.parameters import check_of, is_pattern, key_of, types_of, unit_of
from dashboards.markup import plain
from dashboards.parts.choosing import following, one_line
from dashboards.parts.recipe_state import OpenRecipe
from dashboards.queries import thresholds
from dashboards.session import PageContext

#: The kinds of rules in the order of the list.
KINDS = {"transform": "rewrites", "filter": "removes", "dedup": "removes copies"}


def draw_rule(context: PageContext, opened: OpenRecipe, draft: Draft, book: RuleBook) -> None:
    """Draw the parameters of the chosen rule, and what can be done with it."""
    number = min(opened.chosen, len(draft.rules) - 1)
    block = draft.rules[number]
    use = block.table.get("use")
    rule = book.rules.get(use) if isinstance(use, str) else None
    title = plain(str(block.table.get("label") or (rule.title if rule else use or "A rule")))
    st.header(title + ("" if block.is_on else " (off)"))
    if rule:
        st.caption(plain(f"{rule.use}: {rule.summary()}".replace("`", "")))
    for message in draft.of(number):
        st.error(plain(message))
    if rule:
        for field in rule.parameters():
            value = block.table.get(key_of(field), field.default)
            _parameter(context, _Box(opened, number, rule, field, value))
        with st.expander("Name and label"):
            for key, doc in (
                ("name", "Its name in verdicts and of its column; needed if a rule is used twice."),
                ("label", "What the ledger calls it."),
            ):
                _text(opened, number, key, str(block.table.get(key, "")), doc)
    row = st.container(horizontal=True)
    row.button(
        "Switch off" if block.is_on else "Switch on",
        key="recipe:switch",
        on_click=lambda: opened.edit(lambda text: recipe_edit.switched(text, number, on=not block.is_on)),
        help="A rule that is off stays in the file as a comment.",
    )
    row.button(
        "Take out",
        key="recipe:remove",
        on_click=lambda: opened.edit(lambda text: recipe_edit.removed(text, number)),
        help="Removes the rule and the comments right above it.",
    )


def draw_adding(opened: OpenRecipe, draft: Draft, book: RuleBook) -> None:
    """Draw the choice of a rule to add below the chosen one."""
    there = sorted(book.rules.values(), key=lambda rule: ([*KINDS].index(rule.kind), rule.title))
    names = {rule.use: f"{rule.title} · {KINDS[rule.kind]} · {rule.summary()}" for rule in there}

    def add() -> None:
        use = st.session_state.get("recipe:add")
        if use not in book.rules:
            return
        used = {rule.table.get("name", rule.table.get("use")) for rule in draft.rules}
        table: dict[str, Any] = {"use": use}
        if use in used:
            table["name"] = next(f"{use}_{n}" for n in range(2, 1000) if f"{use}_{n}" not in used)
        place = min(opened.chosen + 1, len(draft.rules))
        opened.edit(lambda text: recipe_edit.added(text, place, table))
        if not opened.error:
            opened.chosen = place
            st.session_state["recipe:add"] = None

    st.selectbox(
        "Add a rule",
        [*names],
        index=None,
        key="recipe:add",
        format_func=lambda use: one_line(names[use]),
        placeholder="below the chosen one …",
        on_change=add,
    )


@dataclass(frozen=True)
class _Box:
    """A parameter of a rule in the form."""

    opened: OpenRecipe
    number: int  # of the rule
    rule: type[Rule]
    field: dataclasses.Field[Any]
    value: Any  # in the file, or the default

    @property
    def key(self) -> str:
        """Its name in a recipe."""
        return key_of(self.field)

    @property
    def widget(self) -> str:
        """The key of its widget."""
        return f"recipe:{self.rule.use}:{self.number}:{self.key}"

    @property
    def bound(self) -> Bound | None:
        """Its bound, if it has one that is data."""
        check = check_of(self.field)
        return check if isinstance(check, Bound) else None

    def words(self, convert: Callable[[Any], Any] = lambda given: given) -> dict[str, Any]:
        """What every widget needs; `convert` makes its value one of the file."""
        unit = unit_of(self.field)
        label = self.key + (f" ({unit})" if unit and not unit.startswith("share") else "")

        def change() -> None:
            given = convert(st.session_state[self.widget])
            if given != self.value or type(given) is not type(self.value):
                self.opened.edit(lambda text: recipe_edit.with_value(text, self.number, self.key, given))
            # The text holds the value now; another one in it replaces what is in the box.
            st.session_state[f"{self.widget}:requested"] = st.session_state[self.widget]

        doc = plain(self.field.metadata["doc"])
        # A screen reader would read the backslashes of escaped Markdown aloud.
        return {"label": label, "key": self.widget, "help": doc, "on_change": change}


def _parameter(context: PageContext, box: _Box) -> None:
    """Draw a parameter. A change of it changes the text."""
    options, value, bound = types_of(box.rule, box.field.name), box.value, box.bound
    if any(typing.get_origin(option) is tuple for option in options) and _is_texts(value):
        _texts(context, box)
    elif bool in options and isinstance(value, bool):
        following(box.widget, value, lambda: st.toggle(**box.words()))
    elif datetime.date in options and _is_date(value):
        day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
        ends: dict[str, Any] = {"min_value": datetime.date(2000, 1, 1), "max_value": datetime.date(2100, 1, 1)}
        words = {**box.words(), **ends, "value": None, "format": "YYYY-MM-DD"}
        following(box.widget, day, lambda: st.date_input(**words))
    elif (int in options or float in options) and (value is None or _is_number(value)):
        _number(box.words(), bound, value, whole=float not in options, widget=box.widget)
    elif bound and bound.choices and isinstance(value, str):
        choices = list(dict.fromkeys([*bound.choices, value]))
        following(box.widget, value, lambda: st.selectbox(**box.words(), options=choices))
    elif str in options and isinstance(value, str):
        height = 120 if is_pattern(box.field) else 80
        following(box.widget, value, lambda: st.text_area(**box.words(), height=height))
    else:
        st.caption(f"{plain(box.key)}: mend its value in the TOML.")


def _texts(context: PageContext, box: _Box) -> None:
    """Draw a list of texts: words as chips, expressions one a line."""
    if is_pattern(box.field):
        lines = box.words(lambda given: [line for line in given.split("\n") if line])
        following(box.widget, "\n".join(box.value), lambda: st.text_area(**lines, height=200))
        return
    choices = box.bound.choices if box.bound else ()
    several = list(dict.fromkeys([*box.value, *(choices or thresholds.values_of(context.snapshot, box.rule))]))
    words = {**box.words(list), "options": several, "format_func": one_line, "accept_new_options": not choices}
    following(box.widget, list(box.value), lambda: st.multiselect(**words))


def _number(words: dict[str, Any], bound: Bound | None, value: float | None, *, whole: bool, widget: str) -> None:
    kind = int if whole else float
    low = kind(bound.low) if bound and bound.low is not None else None
    high = kind(bound.high) if bound and bound.high is not None else None
    if value is not None:  # what is out of bounds is shown, with its error
        low = None if low is None else min(low, kind(value))
        high = None if high is None else max(high, kind(value))
    step = 1 if whole else 0.05
    following(
        widget,
        None if value is None else kind(value),
        lambda: st.number_input(**words, min_value=low, max_value=high, step=step, value=None),
    )


def _text(opened: OpenRecipe, number: int, key: str, value: str, doc: str) -> None:
    widget = f"recipe:text:{number}:{key}"

    def change() -> None:
        given = st.session_state[widget] or None
        opened.edit(lambda text: recipe_edit.with_value(text, number, key, given))
        st.session_state[f"{widget}:requested"] = st.session_state[widget]

    following(widget, value, lambda: st.text_input(key.capitalize(), key=widget, help=doc, on_change=change))


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    if isinstance(value, str):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return value is None or isinstance(value, datetime.date)
