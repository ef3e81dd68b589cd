"""What a model learned from: the ledger of its corpus, and length, language and authors of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from curation.disk.training_record import TrainingRecord
from curation.writing.html import escaped
from dashboards import session
from dashboards.charts import counts, waterfall
from dashboards.charts.style import picked
from dashboards.markup import plain, table
from dashboards.parts.figures import short
from dashboards.queries import learned
from dashboards.session import PageContext
from dashboards.view import KEPT, View


@dataclass(frozen=True)
class Origin:
    """The corpus of a model now: its recipe, "" if it is gone, and whether it is the one that was exported."""

    recipe: str
    is_current: bool


def what_it_saw(context: PageContext, record: TrainingRecord, origin: Origin) -> None:
    """The ledger of its corpus, and length, language and authors of its text."""
    data = record.data
    st.subheader("What it learned from", help="From the model's record, written at the end of the training.")
    epochs = record.hyperparameters.get("epochs")
    row = st.container(horizontal=True, gap="medium")
    row.metric(
        "Characters", short(data.train.characters), width="content", help=f"{data.train.characters:,} code points."
    )
    row.metric("Tokens", short(data.train.tokens), width="content", help=f"{data.train.tokens:,}, in one epoch.")
    row.metric(
        "Epochs",
        f"{epochs:g}" if isinstance(epochs, int | float) else "–",
        width="content",
        help="Passes over the training posts.",
    )
    row.metric("Authors", f"{data.author_count:,}", width="content", help="Of the training posts.")
    ledger(context, record, origin)
    left, right = st.columns(2)
    with left:
        bars("Length of the training posts, in characters", learned.lengths(record))
    with right:
        bars("Languages of the kept posts of its corpus", learned.languages(record))
    named = learned.authors(record)
    if named:
        more = data.author_count - len(named)
        with st.expander(f"Authors ({data.author_count:,})"):
            rows = [[author, f"{posts:,}"] for author, posts in named]
            st.html(table(["Author", "Training posts"], rows, [author_address(origin, author) for author, _ in named]))
            if more > 0:
                st.caption(f"And {more:,} others with fewer posts.")


def ledger(context: PageContext, record: TrainingRecord, origin: Origin) -> None:
    """Draw the way from downloaded to kept, at the time of the training."""
    steps = learned.ledger(context.space, record)
    data = record.data
    if steps:
        alt = waterfall.in_words(steps)
        if origin.is_current:
            step = picked(waterfall.waterfall(steps), waterfall.SELECTION, waterfall.FIELD, alt=alt)
            if step:
                verdict = () if step == waterfall.ALL else (step,)
                session.go(
                    "pages/browse.py", View(corpus=origin.recipe, chosen={"verdict": verdict} if verdict else {})
                )
        else:
            st.vega_lite_chart(spec=waterfall.waterfall(steps), alt=alt)
        kept = next(each.posts for each in steps if each.key == KEPT)
        st.caption(
            f"Downloaded = kept + removed by each rule. Of {kept:,} kept posts it learned from {data.train.posts:,}, "
            f"and {data.valid.posts:,} were held out."
        )
    if not origin.recipe:
        st.caption(f"The corpus {plain(data.recipe)} no longer exists.")
    elif not origin.is_current:
        st.caption(
            f"The corpus {plain(data.recipe)} has changed since the training; these are the counts at that time."
        )


def author_address(origin: Origin, author: str) -> str:
    """Where the kept posts of an author are shown."""
    if not origin.recipe:
        return ""
    return session.address("browse", View(corpus=origin.recipe, chosen={"author": (author,), "verdict": (KEPT,)}))


def bars(title: str, rows: Sequence[tuple[str, int]]) -> None:
    """Posts by something, with a bar for each."""
    if not rows:
        return
    st.html(f"<strong>{escaped(title)}</strong>")
    st.vega_lite_chart(spec=counts.counts(rows), alt=counts.in_words(rows, title))
