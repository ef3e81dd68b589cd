"""What a model learned from: the ledger of its corpus, and length, language and authors of its text."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT
from curation.disk.training_record import TrainingRecord
from curation.writing.html import escaped
from dashboards import session
from dashboards.charts import counts, waterfall
from dashboards.charts.vega import picked
from dashboards.markup import plain, table
from dashboards.parts.figures import metric_row, short
from dashboards.queries import learned
from dashboards.session import PageContext
from dashboards.view import View


def what_it_saw(context: PageContext, record: TrainingRecord, corpus: Corpus | None) -> None:
    """Draw the ledger of its corpus, and length, language and authors of its text; `corpus` is that corpus now."""
    data = record.data
    st.subheader("What it learned from", help="From the model's record, written at the end of the training.")
    epochs = record.hyperparameters.get("epochs")
    passes = f"{epochs:g}" if isinstance(epochs, int | float) else "–"
    metric_row(
        ("Characters", short(data.train.characters), f"{data.train.characters:,} code points."),
        ("Tokens", short(data.train.tokens), f"{data.train.tokens:,}, in one epoch."),
        ("Epochs", passes, ""),
        ("Authors", f"{data.author_count:,}", ""),
    )
    ledger(context, record, corpus)
    left, right = st.columns(2)
    with left:
        bars("Length of the training posts, in characters", learned.lengths(record))
    with right:
        measured = sum(record.data.languages.values())
        bars(f"Languages of its corpus, of {measured:,} kept posts that were measured", learned.languages(record))
    named = learned.authors(record)
    if named:
        more = data.author_count - len(named)
        with st.expander(f"Authors ({data.author_count:,})"):
            rows = [[author, f"{posts:,}"] for author, posts in named]
            links = [author_address(record.data.recipe, author) if corpus else "" for author, _ in named]
            st.html(table(["Author", "Training posts"], rows, links))
            if more > 0:
                st.caption(f"And {more:,} others with fewer posts.")


def ledger(context: PageContext, record: TrainingRecord, corpus: Corpus | None) -> None:
    """Draw the bars from downloaded to kept, at the time of the training."""
    steps, data = learned.ledger(corpus, record), record.data
    is_current = learned.is_current(corpus, record)
    if steps:
        alt = waterfall.in_words(steps)
        if is_current:
            if step := picked(waterfall.waterfall(steps), alt=alt):
                chosen = {} if step == waterfall.ALL else {"verdict": (step,)}
                session.go("pages/browse.py", View(corpus=data.recipe, chosen=chosen))
        else:
            st.vega_lite_chart(spec=waterfall.waterfall(steps), alt=alt)
        kept = next(each.posts for each in steps if each.key == KEPT)
        st.caption(
            f"Downloaded = kept + removed by each rule. Of {kept:,} kept posts it learned from {data.train.posts:,}, "
            f"and {data.valid.posts:,} were held out."
        )
    if not corpus:
        st.caption(f"The corpus {plain(data.recipe)} no longer exists.")
    elif not is_current:
        st.caption(
            f"The corpus {plain(data.recipe)} has changed since the training; these are the counts at that time."
        )


def author_address(recipe: str, author: str) -> str:
    """The address of the kept posts of an author."""
    return session.address("browse", View(corpus=recipe, chosen={"author": (author,), "verdict": (KEPT,)}))


def bars(title: str, rows: Sequence[tuple[str, int]]) -> None:
    """Draw a bar for each row, below a title; nothing without rows."""
    if not rows:
        return
    st.html(f"<strong>{escaped(title)}</strong>")
    st.vega_lite_chart(spec=counts.counts(rows), alt=counts.in_words(rows, title))
