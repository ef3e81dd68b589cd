"""Parts of a page that the browser draws: a script and a style in files of one name, side by side."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

import streamlit as st


def component(name: str, **options: Any) -> Callable[..., Any]:
    """The component `curation.NAME` of `parts/NAME.js` and `parts/NAME.css`; `options` are those of Streamlit."""
    files = resources.files("dashboards").joinpath("parts")
    script, style = (files.joinpath(f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    drawn: Callable[..., Any] = st.components.v2.component(f"curation.{name}", js=script, css=style, **options)
    return drawn
