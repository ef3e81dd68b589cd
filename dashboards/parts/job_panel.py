"""A job as a part of a page: how far it is, a button that ends it, its notes and its error, and what comes after."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from curation.writing.terminal import count, spoken_time
from dashboards import jobs, session
from dashboards.jobs import Job, Progress
from dashboards.markup import plain

#: Seconds between two looks at a job.
REFRESH = 1
#: Notes in sight; the others are folded.
SHOWN = 3


def draw(job: Job, *, after: Callable[[Job], object] | None = None) -> None:
    """Draw a job. The page is drawn again when it ends; then `after` draws what comes next, if it is done.

    `after` is called for a failed job too when it printed a result, as a collection that could not reach everything.
    """
    was_running = job.is_running

    @st.fragment(run_every=REFRESH if was_running else None)
    def panel() -> None:
        if was_running and not job.is_running:
            st.rerun()
        with st.container(border=True, key=f"job:{job.id}"):
            if job.is_running:
                _running(job)
            else:
                _ended(job)

    panel()
    if after and not job.is_running and (job.state == "done" or job.result):
        after(job)


def draw_key(key: str, *, after: Callable[[Job], object] | None = None) -> Job | None:
    """Draw the newest job with this key, if there is one. Gives it."""
    job = jobs.of(key)
    if job:
        draw(job, after=after)
    return job


def draw_running() -> None:
    """Draw a line for each job that runs, for the sidebar."""
    before = jobs.running()
    if not before:
        return

    @st.fragment(run_every=2 * REFRESH)
    def lines() -> None:
        now = jobs.running()
        if [job.id for job in now] != [job.id for job in before]:
            st.rerun()
        for job in now:
            share = job.progress.share if job.progress else None
            st.caption(f"{plain(job.title)}: " + (f"{share:.0%}" if share is not None else "running"))

    lines()


def progress_words(progress: Progress) -> str:
    """The progress in words, as `Curating · 12,000 of 40,000 posts · about 8 s left`."""
    pieces = [progress.label]
    if progress.unit in ("bytes", "B"):
        done, total = f"{progress.done / 1e6:,.1f}", progress.total
        pieces.append(f"{done} of {total / 1e6:,.1f} MB" if total else f"{done} MB")
        if progress.unit == "bytes":
            pieces.append(count(progress.posts, "post"))
    elif progress.done or progress.total:
        of = f" of {progress.total:,}" if progress.total else ""
        pieces.append(f"{progress.done:,}{of} {progress.unit}")
    if progress.share == 1:
        pieces.append("finishing")  # what was read is compared, written and put in place
    elif (left := progress.seconds_left) is not None and left >= 1:
        pieces.append(f"about {spoken_time(left)} left")
    return " · ".join(pieces)


def _running(job: Job) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f"**{plain(job.title)}** · {spoken_time(job.seconds)}")
    cancelling = job.state == "cancelling"
    right.button(
        "Cancelling…" if cancelling else "Cancel",
        key=f"job:cancel:{job.id}",
        on_click=_cancel,
        args=(job,),
        disabled=cancelling or not _may_end(job),
        help="Ends it as Ctrl-C does. What was there before is unchanged; what has landed stays."
        if job.writes
        else "Ends it. Nothing is written.",
        width="stretch",
    )
    words = progress_words(job.progress) if job.progress else "Starting" if job.writes else "Computing"
    share = job.progress.share if job.progress else None
    st.progress(share or 0.0, text=plain(words))
    if job.waiting:
        st.info(plain(job.waiting[:1].upper() + job.waiting[1:]))
    _notes(job)


def _may_end(job: Job) -> bool:
    return not job.writes or session.may_write()


def _cancel(job: Job) -> None:
    if job.writes:
        session.require_write()
    job.cancel()


def _ended(job: Job) -> None:
    took = spoken_time(job.seconds)
    if job.state == "done":
        st.markdown(f"**{plain(job.title)}** · done in {took}")
    elif job.state == "cancelled":
        st.info(f"{plain(job.title)}: cancelled after {took}. {plain(job.error)}")
    elif job.code == 3:  # nothing to do
        st.info(f"{plain(job.title)}: {plain(job.error)}")
    else:
        st.error(f"{plain(job.title)}: {plain(job.error)}")
    _notes(job)
    if _may_end(job):
        st.button("Close", key=f"job:close:{job.id}", on_click=jobs.registry().dismiss, args=(job,), type="tertiary")


def _notes(job: Job) -> None:
    notes = list(job.notes)
    for note in notes[-SHOWN:]:
        st.caption(plain(note))
    if len(notes) > SHOWN:
        with st.expander(f"{len(notes) - SHOWN:,} earlier notes"):
            for note in notes[:-SHOWN]:
                st.caption(plain(note))
