"""Tags, mentions, link domains, clients and emoji; who mentions whom; hours, lengths and languages."""

from __future__ import annotations

import functools

import streamlit as st

from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.terms import BEHIND
from curation.writing.html import escaped
from dashboards.charts import words as charts
from dashboards.parts.term_table import figure_table, link, spoken_table
from dashboards.parts.word_index import command
from dashboards.queries import words
from dashboards.session import PageContext


def tags_and_others(context: PageContext, index: WordIndex, author: str | None) -> None:
    """Draw hashtags, mentions, link domains, clients and emoji."""
    tables = [table for table in words.lists_of(context.snapshot, index, author) if table.rows]
    periods = words.periods_of(context.snapshot, index, author)
    st.caption(
        "All posts, removed ones too. *Kept* is the share of them that no rule removes: an application that posts by "
        "itself has a low one, or an even line."
    )
    columns = st.columns(2, gap="large")
    for place, table in enumerate(tables):
        with columns[place % 2]:
            st.header(table.title, help=f"{table.distinct:,} different ones; the {len(table.rows)} most frequent.")
            if table.name == "domains":
                st.caption("As the texts have them: short links are not resolved.")
            if table.name == BEHIND.name:
                st.caption(
                    "Of the addresses that the original records name. No text has them, so no search finds them."
                )
            view = functools.partial(words.posts_of, context.corpus.recipe, author, table.name)
            rows = (table.rows, periods, None if table.name == BEHIND.name else view)
            st.html(spoken_table(table.title, *rows, kept=True))
    command(context, author)


def when_and_how(context: PageContext, index: WordIndex, author: str | None) -> None:
    """Draw hours, lengths and languages."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    offset = right.number_input(
        "Hours from UTC", -14.0, 14.0, 0.0, step=0.5, format="%.1f", key="words:offset",
        help="Nobody knows the time zones of authors; move the hours to what you know.",
    )  # fmt: skip
    sign, minutes = ("-" if offset < 0 else "+"), round(abs(offset) * 60)
    found = words.rhythm_of(context.snapshot, index, author, f"{sign}{minutes // 60}:{minutes % 60:02}")
    left.header("Hours of the week")
    st.caption(charts.busiest(found))
    st.vega_lite_chart(spec=charts.hours(found), alt=charts.hours_in_words(found))
    lengths_and_languages(index)
    command(context, author)


def lengths_and_languages(index: WordIndex) -> None:
    """Draw lengths of kept posts and their languages, of all authors."""
    sizes = index.facts["lengths"]
    before, after = (sizes[side]["median"] for side in ("before", "after"))
    if before is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        summary = (
            f"Half of the kept posts have fewer than {before:,.0f} characters as downloaded, and fewer than "
            f"{after:,.0f} after rewriting. All authors."
        )
        st.header("Length")
        st.caption(summary)
        st.vega_lite_chart(spec=charts.lengths(sizes), alt=summary)
    with right:
        sample, rows = words.languages_of(index)
        how = "As the recipe's rule measured all kept posts."
        if sample:
            how = f"Measured on {sample:,} random kept posts; lines are 95% intervals."
        st.header("Languages")
        st.caption(f"{how} All authors. *und*: too few letters to tell.")
        st.vega_lite_chart(spec=charts.languages(rows[:10]), alt=charts.languages_in_words(rows))


def mentions(context: PageContext, index: WordIndex, author: str | None) -> None:
    """Draw who mentions whom."""
    rows = words.network_of(context.snapshot, index, author)
    st.header("Who mentions whom", help="Kept posts of an author that contain the handle, as downloaded.")
    if not rows:
        st.info("No kept post mentions anybody.")
        return
    view = functools.partial(words.posts_of, context.corpus.recipe, kind="mentions", verdict=("kept",))
    cells = [
        [escaped(row.author), link(row.mentioned, view(author=row.author, text=row.mentioned)), f"{row.posts:,}"]
        for row in rows
    ]
    st.html(figure_table(["Author", "Mentions", "Posts"], cells))
    st.download_button(
        "Download the network (GEXF)",
        functools.partial(words.gexf_of, index, author),
        f"{context.corpus.recipe}-mentions.gexf",
        "application/gexf+xml",
        key="words:network",
        on_click="ignore",
        help="For Gephi and other programs; at most 20,000 pairs.",
    )
    command(context, author)
