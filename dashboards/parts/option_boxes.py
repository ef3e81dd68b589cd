"""Boxes for the fields of a record of options (`curation.options.option`), drawn from their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curation.options.option import OptionField

#: Step of a box that holds a share.
STEP = 0.05


def draw_boxes(fields: Iterable[OptionField], key: str, disabled: Iterable[str] = ()) -> dict[str, Any]:
    """Draw a box for each field: numbers and choices in a row, then texts, then switches in a row. Gives the values.

    The session key of a field is `key:NAME`. `disabled` names the fields that can't be changed now.
    """
    fields, values = list(fields), {}
    numbers = [field for field in fields if field.kind in (int, float) or field.choices]
    texts = [field for field in fields if field.kind is str and field not in numbers]
    switches = [field for field in fields if field.kind is bool]
    columns = st.columns(len(numbers), vertical_alignment="bottom") if numbers else []
    for field, column in zip(numbers, columns, strict=True):
        values[field.name] = _box(column, field, key, disabled=field.name in disabled)
    for field in texts:
        values[field.name] = st.text_input(**_common(field, key), value=field.default, disabled=field.name in disabled)
    row = st.container(horizontal=True)
    for field in switches:
        values[field.name] = row.toggle(**_common(field, key), value=field.default)
    return values


def _common(field: OptionField, key: str) -> dict[str, Any]:
    return {"label": field.label, "key": f"{key}:{field.name}", "help": field.doc}


def _box(column: DeltaGenerator, field: OptionField, key: str, *, disabled: bool) -> Any:
    """A choice, or a number."""
    if field.choices:
        place = field.choices.index(field.default)
        return column.selectbox(**_common(field, key), options=field.choices, index=place, disabled=disabled)
    bound = field.bound
    low, high = (bound.low, bound.high) if bound else (None, None)
    step = STEP if field.kind is float else 1
    if high is not None and bound and not bound.fits(high):
        high -= step
    return column.number_input(
        **_common(field, key),
        min_value=None if low is None else field.kind(low),
        max_value=None if high is None else field.kind(high),
        value=field.default,
        placeholder=field.open_default.partition(" and ")[0] or None,
        step=step,
        disabled=disabled,
    )
