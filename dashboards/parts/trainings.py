"""Trainings: learning curves, running trainings that are drawn again every few seconds, and earlier runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.disk.training_record import EpochResult, Measurement
from curation.errors import CurationError
from curation.writing.terminal import spoken_time
from dashboards.charts.learning_curve import in_words, learning_curve
from dashboards.markup import plain, table
from dashboards.parts.choosing import unfolded
from dashboards.parts.figures import figure, metric, metric_row, terminal
from dashboards.parts.written import side_by_side, text_html
from dashboards.queries import training
from dashboards.queries.training import OpenTraining
from dashboards.session import PageContext

#: Seconds between two looks at a training: a running one, and an interrupted one.
REFRESH, REFRESH_WAITING = 2, 10
#: The titles of the two figures, with their units.
LOSS, BITS = "loss, nats per token", "bits per character"


def curves(
    before: Measurement | None, curve: Sequence[Measurement], epochs: Sequence[EpochResult], *, name: str
) -> None:
    """Draw the learning curve: losses, and bits per character."""
    charts = [(LOSS, training.losses(before, curve, epochs)), (BITS, training.bits(before, curve, epochs))]
    drawn = [(title, points) for title, points in charts if len(points) > 1]
    if not drawn:
        return
    for column, (title, points) in zip(st.columns(len(drawn)), drawn, strict=True):
        chart, alt = learning_curve(points, title), in_words(points, title)
        column.vega_lite_chart(spec=chart, key=f"curve:{name}:{title}", alt=alt)


def watch(context: PageContext, before: Sequence[OpenTraining]) -> None:
    """Draw running and interrupted trainings, again every few seconds."""
    running = any(each.is_running for each in before)

    @st.fragment(run_every=REFRESH if running else REFRESH_WAITING)
    def draw() -> None:
        try:
            now = training.open_trainings(context.space, context.snapshot.answers)
            if _state(now) != _state(before):
                st.rerun()  # one ended, and its model is there; or one began
            for each in now:
                _draw(context, each)
        except (CurationError, OSError) as error:
            st.warning(plain(str(error)))

    draw()


def _state(trainings: Sequence[OpenTraining]) -> list[tuple[str, bool]]:
    """The state whose change redraws the whole page."""
    return [(each.name, each.is_running) for each in trainings]


def _draw(context: PageContext, one: OpenTraining) -> None:
    """Draw one training: its progress, its curve and its newest samples."""
    progress, last = one.progress, one.last
    with st.container(border=True, key=f"open:{one.name}"):
        st.subheader(f"{plain(one.name)} {'is being trained' if one.is_running else 'is interrupted'}")
        if not one.is_running:
            terminal(["curation", "train", "--name", one.name, "--resume", *context.data_option()])
        if one.share is not None:
            left = one.seconds_left if one.is_running else None
            line = f"{one.share:.0%}" + (f", about {spoken_time(left)} left" if left is not None and left >= 1 else "")
            st.progress(one.share, text=line)
        if last is None:
            st.caption("No measurement yet.")
        else:
            row = metric_row(
                ("Step", f"{last.step:,}", "Optimizer steps so far."),
                ("Epoch", f"{last.epoch:.2f}", "Passes over the training posts so far."),
                ("Loss", figure(last.train_loss), "Nats per token, on training posts."),
            )
            points = training.bits(progress.before, progress.curve, progress.epochs)
            if points:
                metric(row, "Bits per character", figure(points[-1].value), "On held-out posts.")
            metric(row, "Time", spoken_time(last.seconds), "Training time, without interruptions.")
        curves(progress.before, progress.curve, progress.epochs, name=one.name)
        if one.best and len(progress.epochs) > 1:
            best = figure(one.best.valid_bits_per_character)
            st.caption(f"Lowest bits per character at the end of an epoch: {best}, after epoch {one.best.epoch}.")
        if written := training.epochs_with_samples(progress.epochs):
            newest = written[max(written)]
            st.caption(f"Samples after epoch {newest.epoch}:")
            texts = [text_html(text) for text in newest.samples]
            st.html(side_by_side([(f"Text {number}", "", [text]) for number, text in enumerate(texts, 1)]))


def list_runs(context: PageContext) -> None:
    """Draw the runs of `curation train` as a table; they are read while this part is open."""
    part = unfolded("Training runs", key="training:runs")
    if part is None:
        return
    with part:
        runs, number = training.training_runs(context.space)
        if not runs:
            st.caption("No training has been run in this workspace.")
            return
        rows = []
        for run in runs:
            outcome, time = run.status or run.outcome, spoken_time(run.seconds)
            began_at = run.began_at[:16].replace("T", " ")
            rows.append([began_at, training.model_of(run), outcome, time, run.error or ""])
        st.html(table(["Started (UTC)", "Model", "Outcome", "Time", "Error"], rows))
        more = f"The newest {len(rows):,} of {number:,}. " if number > len(rows) else ""
        st.caption(f"{more}All of them in a terminal:")
        terminal(["curation", "runs", "--job", "train", *context.data_option()])
