"""Decisions by hand as a part of a page: how many the corpus lacks, and a button that applies them."""

from __future__ import annotations

import functools

import streamlit as st

from curation.corpus.pins.deciding import apply_pins
from curation.errors import CurationError, InputError
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.markup import plain
from dashboards.parts import job_panel
from dashboards.parts.fragment import fragment
from dashboards.queries import decisions
from dashboards.session import PageContext

#: Posts up to which decisions are applied at once: more take longer than two seconds, and become a job.
AT_ONCE = 600_000
#: Seconds between two looks at the file of pins, on a page where posts are decided.
REFRESH = 2
#: In the session: the files of the corpus that was made last, and what to say about it.
APPLIED = "decisions:applied"


def draw(context: PageContext, *, live: bool = False) -> None:
    """Draw nothing if the corpus has all decisions; else their number, and the button.

    Where posts are decided on the same page, the part looks again by itself: `live`.
    """
    name = context.corpus.recipe
    job_panel.draw_key(f"pins:{name}")
    files, words = st.session_state.get(APPLIED, (None, ""))
    if files == context.snapshot.manifest["files"]:
        st.markdown(f":material/check: {words}")

    @functools.partial(fragment, run_every=REFRESH if live else None)
    def part() -> None:
        try:
            number = decisions.waiting(context.space, context.snapshot)
        except InputError as error:
            st.warning(plain(str(error)))
            return
        if not number:
            return
        many, are = count(number, "decision"), "is" if number == 1 else "are"
        with st.container(horizontal=True, vertical_alignment="center", key="decisions"):
            st.markdown(f"{many} by hand {are} not applied to this corpus yet.", width="content")
            clicked = st.button(
                f"Apply {many}",
                key="decisions:apply",
                type="primary",
                disabled=not session.may_write(),
                help="Removes and keeps these posts in the corpus as it is; no rule runs again."
                if session.may_write()
                else session.READ_ONLY,
            )
        if clicked:
            _apply(context)

    part()


def _apply(context: PageContext) -> None:
    """Apply the pins, at once or as a job, and draw the page again."""
    name = context.corpus.recipe
    try:
        session.require_write()
        if context.snapshot.manifest["counts"].get("downloaded", 0) > AT_ONCE:
            jobs.start(f"pins:{name}", f"Apply decisions to {name}", ["run", name, "--pins-only"])
        else:
            with st.spinner("Applying"):
                applied = apply_pins(context.space, name, wait=False)
            kept = applied.corpus.manifest["counts"]["kept"]
            difference = (
                f", {kept - applied.kept_before:+,}".replace("-", "−") if kept != applied.kept_before else ", as before"
            )
            words = f"Applied {count(applied.changed, 'decision')}: {count(kept, 'post')} kept{difference}."
            st.session_state[APPLIED] = (applied.corpus.manifest["files"], words)
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    st.rerun()
