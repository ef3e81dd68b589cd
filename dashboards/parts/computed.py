"""Figures that take a while, as a part of a page: a button that starts them, and how far they are, with *Cancel*."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboards import computing, jobs
from dashboards.computing import Work
from dashboards.parts import job_panel


def offer(
    key: str, title: str, button: str, work: Work, *, help: str = "", primary: bool = False, unit: str = "steps"
) -> None:
    """Draw the button, or the computation that runs. At its end the page is drawn again, with what it has cached.

    `key` names the figures, in every tab.
    """
    job = jobs.of(key)
    if job and job.state in ("running", "cancelling", "failed"):
        job_panel.draw(job)
    if job and job.is_running:
        return
    kind: Literal["secondary", "primary"] = "primary" if primary else "secondary"
    if st.button(button, key=f"computed:{title}", type=kind, help=help or None):
        computing.start(key, title, work, unit=unit)
        st.rerun()


def forget(key: str) -> None:
    """Forget an ended computation whose figures are in sight."""
    if (job := jobs.of(key)) and not job.is_running:
        jobs.registry().dismiss(job)
