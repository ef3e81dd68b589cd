"""Importing posts: which ways there are, what runs, and what comes after. Without a corpus this is every page."""

from __future__ import annotations

import shlex

import streamlit as st

from curation.errors import CurationError
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import first_run, import_files, job_panel, network

#: The ways, and what draws each.
WAYS = {"From a file": import_files.draw, "From the network": network.draw}
#: Ended imports that stay in sight.
SHOWN = 3


def draw() -> None:
    """Draw the page."""
    space = session.workspace()
    st.title("Import posts")
    if not session.may_write():
        st.info(session.READ_ONLY)
        return
    imports = [job for job in jobs.registry().all() if job.key.startswith(("land:", "collect:"))]
    running = [job for job in imports if job.is_running]
    for job in [*running, *[job for job in imports if not job.is_running][:SHOWN]]:
        job_panel.draw(job, after=_landed)
    ended = bool(imports) and not running
    if ended and space.landings():
        first_run.draw(space)
        st.header("Import more")
    elif not space.landings() and not running:
        st.write("This workspace is empty. Begin with posts: your own archive, files, or an account on the network.")
    try:
        way = st.segmented_control(
            "Where the posts are",
            list(WAYS),
            default=next(iter(WAYS)),
            required=True,
            key="import:way",
            label_visibility="collapsed",
        )
        WAYS[str(way)]()
    except CurationError as error:
        st.error(plain(str(error)))
    if space.landings() and not ended:
        first_run.draw(space)
    words = ["curation", "collect", "SOURCE", "TARGET", "--data", str(space.root)]
    st.caption("The same in a terminal; the second line lists the sources:")
    st.code(f"{shlex.join(words)}\ncuration sources", language=None, wrap_lines=True)


def _landed(job: Job) -> None:
    """Say what landed."""
    result = job.result or {}
    pieces = [f"**{count(result.get('landed', 0), 'post')} landed.**"]
    if had := result.get("already_had"):
        pieces.append(f"{had:,} were there already.")
    if rejected := result.get("rejected_count"):
        pieces.append(f"{count(rejected, 'record')} could not be read.")
    if forgotten := result.get("forgotten"):
        pieces.append(f"{forgotten:,} are left out because they were forgotten.")
    st.markdown(" ".join(pieces))
