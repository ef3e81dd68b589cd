"""Words of the address that are no part of a view: what Words shows and compares, how Duplicates are ordered."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboards.view import View

#: The part; what is compared, by kind and name; and with what.
SHOW, COMPARE, NAME, WITH = WORDS = ("show", "compare", "name", "with")


def requested(word: str, options: Mapping[str, object] | list[str], default: str) -> str:
    """The option that the address names, else the default."""
    value = st.query_params.get(word, "")
    return value if value in options else default


def write(words: Mapping[str, str], view: View | None = None) -> None:
    """Put words into the address, or out of it if they are empty; with another view, its words too."""
    old = {name: st.query_params.get_all(name) for name in st.query_params}
    new = old if view is None else view.words() | {name: old[name] for name in WORDS if name in old}
    new = {**new, **{name: [value] for name, value in words.items()}}
    new = {name: values for name, values in new.items() if values != [""]}
    if new != old:
        st.query_params.from_dict(new)
