"""The learning curve of a model, or of a running training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.disk.training_record import EpochResult, Measurement
from dashboards.charts.learning_curve import in_words, learning_curve
from dashboards.queries import training

#: What the two figures are called, with their units.
LOSS, BITS = "loss, nats per token", "bits per character"


def curves(
    before: Measurement | None, curve: Sequence[Measurement], epochs: Sequence[EpochResult], *, name: str
) -> None:
    """The learning curve: losses, and bits per character."""
    charts = [(LOSS, training.losses(before, curve, epochs)), (BITS, training.bits(before, curve, epochs))]
    drawn = [(title, points) for title, points in charts if len(points) > 1]
    if not drawn:
        return
    for column, (title, points) in zip(st.columns(len(drawn)), drawn, strict=True):
        with column:
            st.vega_lite_chart(
                spec=learning_curve(points, title), key=f"curve:{name}:{title}", alt=in_words(points, title)
            )
