"""Runs of `curation train` as a table."""

from __future__ import annotations

import shlex

import streamlit as st

from curation.writing.terminal import spoken_time
from dashboards.markup import table
from dashboards.parts.choosing import unfolded
from dashboards.queries.training_runs import model_of, training_runs
from dashboards.session import PageContext


def list_runs(context: PageContext) -> None:
    """Draw the runs of `curation train`; they are read while this part is open."""
    part = unfolded("Training runs", key="training:runs")
    if part is None:
        return
    with part:
        runs = training_runs(context.space)
        if not runs.records:
            st.caption("No training has been run in this workspace.")
            return
        rows = [
            [
                each.began_at[:16].replace("T", " "),
                model_of(each),
                each.status or each.outcome,
                spoken_time(each.seconds),
                each.error or "",
            ]
            for each in runs.records
        ]
        st.html(table(["Started (UTC)", "Model", "Outcome", "Time", "Error"], rows))
        more = f"The newest {len(rows):,} of {runs.number:,}. " if runs.number > len(rows) else ""
        st.caption(f"{more}All of them in a terminal:")
        st.code(shlex.join(["curation", "runs", "--job", "train", *context.data_option()]), language=None)
