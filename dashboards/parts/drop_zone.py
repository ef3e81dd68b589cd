"""The place where files are dropped: it streams them to the server (`dashboards.uploads`)."""

from __future__ import annotations

from importlib import resources

import streamlit as st

from dashboards import uploads

_HTML = """
<label class="zone">
  <input type="file" multiple aria-label="Choose files">
  <strong>Drop an archive or files here</strong>
  <span>or choose them: a zip, JSON, a table. They go only to the machine that runs this dashboard.</span>
</label>
<progress max="1" value="0" hidden aria-label="Upload"></progress>
<div class="state" role="status" aria-live="polite"></div>
"""
_CSS = """
.zone { display: flex; flex-direction: column; align-items: center; gap: .3rem; padding: 2.2rem 1rem; }
.zone { border: 2px dashed color-mix(in srgb, currentColor 35%, transparent); border-radius: .7rem; }
.zone { cursor: pointer; text-align: center; font-family: var(--st-font); color: var(--st-text-color); }
.zone span { opacity: .8; font-size: .9rem; }
.zone input { position: absolute; width: 1px; height: 1px; opacity: 0; }
.zone:hover, .zone.over, .zone:focus-within { border-color: var(--st-primary-color); }
.zone.over { background: color-mix(in srgb, var(--st-primary-color) 12%, transparent); }
.zone:focus-within { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.zone.busy { opacity: .5; cursor: progress; }
progress { width: 100%; margin-top: .5rem; accent-color: var(--st-primary-color); }
progress[hidden] { display: none; }
.state { color: var(--st-text-color); font-family: var(--st-font); font-size: .9rem; overflow-wrap: anywhere; }
.state.bad { color: light-dark(#a33b00, #ffb489); }
"""

_component = st.components.v2.component(
    "curation.drop_zone",
    html=_HTML,
    css=_CSS,
    js=resources.files("dashboards").joinpath("drop_zone.js").read_text(encoding="utf-8"),
)


def draw(tray: str) -> None:
    """Draw it. The page is drawn again when files have arrived in the tray of that name."""
    data = {"path": uploads.PATH.lstrip("/"), "tray": tray, "token": uploads.token()}
    _component(key=f"drop:{tray}", data=data, on_received_change=lambda: None)
