"""What is typical of one side: the choice of two sides, the chart, and a table with all measures."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.keyness import Keyness, KeyTerm, Side
from curation.corpus.corpus import Corpus
from curation.errors import CurationError
from curation.options.commands import WordsOptions
from curation.recipes.verdict import LABELS
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import session
from dashboards.charts import words as charts
from dashboards.charts.vega import picked
from dashboards.markup import plain
from dashboards.parts import word_address
from dashboards.parts.choosing import following, one_line
from dashboards.parts.term_table import figure_table, link
from dashboards.parts.word_index import command, counted
from dashboards.queries import words
from dashboards.session import PageContext

#: What can be compared, and what the box of names is called.
KINDS = {"rule": "A rule", "author": "An author", "year": "A year", "corpus": "Another corpus"}
NAMES = {"rule": "What this rule removes", "author": "This author", "year": "This year", "corpus": "With the corpus"}


def typical(context: PageContext, index: WordIndex, author: str | None) -> None:
    """Draw a comparison of two sides."""
    request = choose_comparison(context, index, author)
    if request is None:
        return
    try:
        keyness = words.keyness_of(context.snapshot, index, request)
    except CurationError as error:
        st.info(plain(str(error)))
        return
    labels = {**LABELS, **context.labels}
    a, b = (title_of(side, labels) for side in (keyness.a, keyness.b))
    terms = keyness.words
    st.header(
        plain(headline(keyness, a)),
        help="How many times as often a word stands in the posts of one side; a bar shows what is certain of it, "
        "the end of the 95% interval that is nearer to no difference. Click a bar to see the posts.",
    )
    left_out = f" {terms.bursts:,} bursts (one month of one author) are left out." if terms.bursts else ""
    st.caption(
        f"{plain(a)}: {count(keyness.posts_a, 'post')}. {plain(b)}: {count(keyness.posts_b, 'post')}. "
        f"{count(terms.tested, 'word')} tested; "
        f"{terms.significant:,} differ (G² ≥ {terms.critical:.1f}, p < 0.01 for all of them together).{left_out}"
    )
    if terms.a or terms.b:
        clicked = picked(charts.keyness(terms, a, b), alt=charts.keyness_in_words(terms, a, b))
        if clicked:
            side, _, place = clicked.partition(":")
            own = getattr(terms, side)
            if int(place) < len(own):
                session.go("pages/browse.py", words.view_of(getattr(keyness, side), "words", own[int(place)].text))
    with st.expander("Show as a table, with phrases", expanded=not (terms.a or terms.b)):
        for column, title, side, name in zip(
            st.columns(2, gap="large"), (a, b), (keyness.a, keyness.b), "ab", strict=True
        ):
            with column:
                for kind in ("words", "phrases"):
                    rows: tuple[KeyTerm, ...] = getattr(getattr(keyness, kind), name)
                    if rows:
                        st.html(key_table(f"{title}: {kind}", rows, side, kind))
    command(context, request.author, request)


def headline(found: Keyness, a: str) -> str:
    """What the comparison says, as a heading."""
    own = [term.text for term in found.words.a[:3]]
    return f"{a}: " + ", ".join(f"“{text}”" for text in own) if own else f"{a}: no word of its own"


def title_of(side: Side, labels: Mapping[str, str]) -> str:
    """The title of a side for people; rules have labels."""
    [verdict] = side.chosen["verdict"]
    title = side.title
    if verdict in LABELS:
        title = LABELS[verdict]
    elif title.startswith("removed by "):
        title = f"removed by {labels.get(verdict, verdict)}"
    return title if "author" in side.chosen and title == side.chosen["author"][0] else title[:1].upper() + title[1:]


def key_table(head: str, rows: tuple[KeyTerm, ...], side: Side, kind: str) -> str:
    """Terms of a side with all measures."""
    return figure_table(
        [head, "Posts", "Others", "Times", "G²", "Spread"],
        [
            [
                link(row.text, words.view_of(side, kind, row.text)), f"{row.posts:,}", f"{row.others:,}",
                escaped(charts.times(row.log_ratio, row.others)), f"{row.log_likelihood:,.0f}", f"{row.spread:.2f}",
            ]
            for row in rows
        ],
    )  # fmt: skip


def choose_comparison(context: PageContext, index: WordIndex, author: str | None) -> WordsOptions | None:
    """Draw the choice of two sides."""
    offered = words.offers(context.snapshot, index)
    others = [name for name in context.space.recipes_run() if name != context.corpus.recipe]
    choices = {"rule": offered["rule"], "author": offered["author"], "year": offered["year"], "corpus": others}
    kinds = [kind for kind in KINDS if choices[kind]]
    if not kinds:
        st.info("There is nothing to compare: one author, one year, one corpus, and no rule removes ten posts.")
        return None
    left, right, last = st.columns([2, 2, 2], vertical_alignment="bottom")
    linked = word_address.requested(word_address.COMPARE, kinds, kinds[0])
    kind = following(
        "words:kind",
        linked,
        lambda: str(
            left.segmented_control("Compare", kinds, required=True, format_func=KINDS.__getitem__, key="words:kind")
        ),
    )
    options = choices[kind]
    if kind == "author" and author in options:
        word_address.write({"compare": kind, "name": "", "with": ""})
        return WordsOptions(author=author)
    labels = {**LABELS, **context.labels}
    usual = options[-1] if kind == "year" else options[0]
    key = f"words:{kind}:{context.corpus.recipe}"
    name = following(
        key,
        word_address.requested(word_address.NAME, options, usual) if kind == linked else usual,
        lambda: str(
            right.selectbox(
                NAMES[kind],
                options,
                format_func=lambda each: one_line(str(labels.get(each, each) if kind == "rule" else each)),
                key=key,
            )
        ),
    )
    rest = "all other years"
    second = rest
    if kind == "year":
        years = [rest, *(year for year in options if year != name)]
        second = following(
            "words:other_year",
            word_address.requested(word_address.WITH, years, rest),
            lambda: str(last.selectbox("With", years, key="words:other_year")),
        )
    word_address.write({"compare": kind, "name": name, "with": "" if second == rest else second})
    if kind == "rule":
        return WordsOptions(rule=name, author=author)
    if kind == "author":
        return WordsOptions(author=name)
    if kind == "corpus":
        other = Corpus.open(context.space, name)
        return WordsOptions(against=name, author=author) if counted(context, other) else None
    return WordsOptions(year=name, other_year=None if second == rest else second, author=author)
