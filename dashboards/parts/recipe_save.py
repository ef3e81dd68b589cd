"""A recipe is saved, run and downloaded: in the workspace, under a name of its own, through a job of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from curation.errors import CurationError
from curation.recipes.recipe import RECIPE_NAME, shipped
from curation.recipes.recipe_files import save_recipe
from dashboards import jobs, session
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import job_panel
from dashboards.queries import recipe as queries
from dashboards.session import PageContext
from dashboards.view import View


def why_no_name(name: str) -> str:
    """Why a recipe can't have this name, as a sentence; "" if it can."""
    if not RECIPE_NAME.fullmatch(name):
        return "A recipe's name has letters, digits, '-', '_' and '.', at most 100, and begins with no sign."
    if name in shipped():
        return f"'{name}' is a shipped recipe. Give yours another name."
    return ""


def save(context: PageContext, name: str, text: str, before: str | None) -> str | None:
    """Save a recipe in the workspace. Gives None, or the text of another save. Raises `CurationError`."""
    session.require_write()
    return save_recipe(context.space, name, text, before)


def run(name: str, before: str) -> Job:
    """Start a run of a saved recipe; `before` is the corpus to compare it with. Raises `RefusedError`."""
    about = {"recipe": name, "before": before}
    return jobs.start(f"run:{name}", f"Run {name}", ["run", name, *session.rules_option()], about=about)


def draw_run(name: str) -> None:
    """Draw the run of a recipe, if there is one, and what comes after."""
    job_panel.draw_key(f"run:{name}", after=_after)


def _after(job: Job) -> None:
    """Say what the run gave, and where to look at it."""
    name, before = str(job.about.get("recipe", "")), str(job.about.get("before", ""))
    counts: dict[str, Any] = (job.result or {}).get("counts") or {}
    if counts:
        removed = counts.get("downloaded", 0) - counts.get("kept", 0)
        st.success(
            f"**{plain(name)}**: {counts['downloaded']:,} downloaded = {counts['kept']:,} kept + {removed:,} removed."
        )
    row = st.container(horizontal=True)
    if row.button("Open it", key=f"opens:{job.id}", type="primary"):
        session.go("pages/browse.py", View(corpus=name))
    if before and before != name and row.button(f"Compare with {plain(before)}", key=f"compares:{job.id}"):
        st.switch_page("pages/compare.py", query_params={"corpus": [before], "against": [name]})


def conflict(theirs: str, mine: str, *, take: Callable[[], None], insist: Callable[[], None], key: str) -> None:
    """Draw the difference to a recipe that was saved meanwhile, and the two ways on."""
    st.warning("Somebody has saved another recipe under this name since you opened it. Nothing was overwritten.")
    st.code(queries.difference(theirs, mine), language="diff", wrap_lines=True)
    row = st.container(horizontal=True)
    row.button("Take the saved one", key=f"{key}:take", on_click=take, help="Your edits are gone then.")
    row.button("Save mine over it", key=f"{key}:insist", on_click=insist)


def refused(error: CurationError) -> None:
    """Say why something was not done."""
    st.error(plain(str(error)))
