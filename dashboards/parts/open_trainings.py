"""Running trainings, drawn again every few seconds, and interrupted ones."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import streamlit as st

from curation.errors import CurationError
from curation.writing.terminal import spoken_time
from dashboards.markup import plain
from dashboards.parts.curves import curves
from dashboards.parts.figures import figure
from dashboards.parts.written import side_by_side, text_html
from dashboards.queries import training
from dashboards.queries.training import OpenTraining
from dashboards.session import PageContext

#: Seconds between two looks at a training: a running one, and an interrupted one.
REFRESH, REFRESH_WAITING = 2, 10


def watch(context: PageContext, before: Sequence[OpenTraining]) -> None:
    """Draw running and interrupted trainings, again every few seconds."""
    running = any(each.is_running for each in before)

    @st.fragment(run_every=REFRESH if running else REFRESH_WAITING)
    def draw() -> None:
        try:
            now = training.open_trainings(context.space, context.snapshot.answers)
            if state(now) != state(before):
                st.rerun()  # one ended, and its model is there; or one began
            for each in now:
                draw_open(context, each)
        except (CurationError, OSError) as error:
            st.warning(plain(str(error)))

    draw()


def state(trainings: Sequence[OpenTraining]) -> list[tuple[str, bool]]:
    """The state whose change redraws the whole page."""
    return [(each.name, each.is_running) for each in trainings]


def draw_open(context: PageContext, one: OpenTraining) -> None:
    """Draw one training: its progress, its curve and its newest samples."""
    progress, last = one.progress, one.last
    with st.container(border=True, key=f"open:{one.name}"):
        st.subheader(f"{plain(one.name)} {'is being trained' if one.is_running else 'is interrupted'}")
        if not one.is_running:
            words = ["curation", "train", "--name", one.name, "--resume", *context.data_option()]
            st.code(shlex.join(words), language=None, wrap_lines=True)
        if one.share is not None:
            left = one.seconds_left if one.is_running else None
            line = f"{one.share:.0%}" + (f", about {spoken_time(left)} left" if left is not None and left >= 1 else "")
            st.progress(one.share, text=line)
        if last is None:
            st.caption("No measurement yet.")
        else:
            row = st.container(horizontal=True, gap="medium")
            row.metric("Step", f"{last.step:,}", width="content", help="Optimizer steps so far.")
            row.metric("Epoch", f"{last.epoch:.2f}", width="content", help="Passes over the training posts so far.")
            row.metric("Loss", figure(last.train_loss), width="content", help="Nats per token, on training posts.")
            points = training.bits(progress.before, progress.curve, progress.epochs)
            if points:
                row.metric("Bits per character", figure(points[-1].value), width="content", help="On held-out posts.")
            row.metric("Time", spoken_time(last.seconds), width="content", help="Training time, without interruptions.")
        curves(progress.before, progress.curve, progress.epochs, name=one.name)
        if one.best and len(progress.epochs) > 1:
            best = figure(one.best.valid_bits_per_character)
            st.caption(f"Lowest bits per character at the end of an epoch: {best}, after epoch {one.best.epoch}.")
        if written := training.epochs_with_samples(progress.epochs):
            newest = written[max(written)]
            st.caption(f"Samples after epoch {newest.epoch}:")
            texts = [text_html(text) for text in newest.samples]
            st.html(side_by_side([(f"Text {number}", "", [text]) for number, text in enumerate(texts, 1)]))
