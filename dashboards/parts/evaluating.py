"""Whether B makes a better model than A: a button and its result."""

from __future__ import annotations

import streamlit as st

from curation.errors import CurationError
from curation.training.evaluation import Evaluation
from curation.training.evaluation.result import LIMIT, READING
from dashboards import session
from dashboards.markup import plain, table
from dashboards.queries import compare, evaluate
from dashboards.queries.compare import Request
from dashboards.session import PageContext


def section(context: PageContext, request: Request) -> None:
    """Evaluate A and B when the button is clicked."""
    st.subheader(
        "Which makes the better model?",
        help="A small model learns from what each recipe keeps and predicts the newest posts, which none of them sees.",
    )
    book = session.rule_book()
    try:
        result = evaluate.evaluation(context.snapshot, context.space, request, book, kept_only=True)
        if result is None and st.button(
            "Evaluate", key="compare:evaluate", help="Runs both recipes over the older posts and trains: some seconds."
        ):
            with st.spinner("Training"):
                result = evaluate.evaluation(context.snapshot, context.space, request, book)
    except CurationError as error:
        st.info(plain(str(error)))
        return
    if result is not None:
        _figures(result)
        line = compare.command(context.corpus.recipe, request, context.data_option(), verb="evaluate")
        st.code(line, language=None, wrap_lines=True)


def _figures(result: Evaluation) -> None:
    """The headline, both models and their difference."""
    st.markdown(f"**{plain(result.headline)}**")
    rows = [[each.name, *each.full.words, *each.equal.words] for each in result.recipes]
    rows += [["Difference", *pair.full.in_full, *pair.equal.in_full] for pair in result.pairs]
    heads = ["Bits per character", "All it keeps", "95 % interval", "Equal amount", "95 % interval"]
    st.html(table(heads, rows))
    for note in result.notes:
        st.caption(plain(note))
    st.caption(f"{READING} {LIMIT}")
