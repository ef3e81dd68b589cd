"""The index of words that a page needs: made at once or by a job; and the command line with the same figures."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from curation.asking.vocabulary.index_file import WordIndex
from curation.corpus.corpus import Corpus
from curation.options.commands import WordsOptions
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.markup import plain
from dashboards.parts import job_panel
from dashboards.parts.figures import terminal
from dashboards.queries import words
from dashboards.session import PageContext


def counted(context: PageContext, corpus: Corpus) -> WordIndex | None:
    """The index of a corpus; without one, draw how to make it."""
    with st.spinner("Counting words"):
        index = words.index_of(corpus, writes=session.may_write())
    if index is not None:
        return index
    key, posts = words.job_key(corpus), corpus.manifest["counts"]["downloaded"]
    job = jobs.of(key)
    if job and job.is_running:
        job_panel.draw(job, after=lambda _: st.rerun())
        return None
    st.write(
        f"The words of **{plain(corpus.recipe)}** have not been counted yet. "
        f"{count(posts, 'post takes', 'posts take')} about "
        f"{max(1, round(posts / 200_000))} min, once; afterwards this page opens at once, until the corpus changes."
    )
    if job:
        job_panel.draw(job)
    if session.may_write():
        title = f"Count the words of {corpus.recipe}"
        if st.button("Count the words", type="primary", key=f"words:count:{corpus.recipe}"):
            jobs.start(key, title, ["words", corpus.recipe, "--top", "1"])
            st.rerun()
    else:
        st.caption("Whoever runs this dashboard can count them:")
        terminal(["curation", "words", corpus.recipe, *context.data_option()])
    return None


def command(context: PageContext, author: str | None, request: WordsOptions | None = None) -> None:
    """Draw the command line with the same figures."""
    options = replace(request or WordsOptions(), author=author)
    with st.expander("The same on the command line"):
        terminal(["curation", "words", context.corpus.recipe, *options.words(), *context.data_option()])
