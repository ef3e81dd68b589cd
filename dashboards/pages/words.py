"""The words of a corpus: what a voice says, what is typical of a side, lists, and when and how it is written."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from curation.asking.vocabulary.index_file import WordIndex
from dashboards import session
from dashboards.markup import plain
from dashboards.parts import word_address
from dashboards.parts.choosing import following, one_line
from dashboards.parts.term_table import spoken_table
from dashboards.parts.typical_words import typical
from dashboards.parts.word_index import command, counted
from dashboards.parts.word_lists import mentions, tags_and_others, when_and_how
from dashboards.queries import words
from dashboards.session import PageContext

ALL = "All authors"


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Words", help="Every figure is a number of posts: a word that is typed ten times in a post counts once.")
    index = counted(context, context.corpus)
    if index is None:
        return
    parts: dict[str, tuple[str, Callable[[PageContext, WordIndex, str | None], None]]] = {
        "words": ("Its own words", own_words),
        "typical": ("What is typical", typical),
        "lists": ("Tags, links, apps", tags_and_others),
        "when": ("When and how", when_and_how),
        "mentions": ("Mentions", mentions),
    }
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    with left:
        part = following(
            "words:part",
            word_address.requested(word_address.SHOW, parts, "words"),
            lambda: str(
                st.segmented_control(
                    "Show", list(parts), format_func=lambda part: parts[part][0], required=True, key="words:part"
                )
            ),
        )
    with right:
        author = choose_author(context, index)
    compared = {} if part == "typical" else dict.fromkeys(word_address.WORDS[1:], "")
    word_address.write({"show": "" if part == "words" else part, **compared})
    parts[part][1](context, index, author)


def choose_author(context: PageContext, index: WordIndex) -> str | None:
    """Draw the choice of an author; the address has it."""
    posts = words.authors(context.snapshot, index)
    requested = next(iter(context.view.chosen.get("author", ())), ALL)
    options = [ALL, *posts] if requested in posts or requested == ALL else [ALL, requested, *posts]

    def label(author: str) -> str:
        return ALL if author == ALL else f"{one_line(author)} · {posts.get(author, 0):,}"

    chosen = following(
        "words:author",
        requested,
        lambda: st.selectbox("Author", options, format_func=label, key="words:author"),
    )
    if chosen != requested:
        word_address.write({}, context.view.choosing("author", *([] if chosen == ALL else [chosen])))
    return None if chosen == ALL else chosen


def own_words(context: PageContext, index: WordIndex, author: str | None) -> None:
    """Draw frequent words and phrases."""
    found = words.voice_of(context.snapshot, index, author)
    if not found.words and not found.phrases:
        st.info("No word is counted here.")
        return
    first = ", ".join(f"“{each.text}”" for each in found.words[:3])
    st.header(
        plain(f"Its own words: {first}") if first else "Its phrases",
        help="Sorted by weight: frequent words that come and go rather than stand in every month. Function words are "
        "listed below. Click a word to see its posts; Browse finds it in hashtags too.",
    )
    whose = f"by {plain(author)}" if author else "by all authors"
    st.caption(f"{found.posts:,} kept posts {whose}.")
    left, right = st.columns(2, gap="large")
    for column, kind, head, rows in ((left, "words", "Word", found.words), (right, "phrases", "Phrase", found.phrases)):
        view = functools.partial(words.posts_of, context.corpus.recipe, author, kind, verdict=("kept",))
        with column:
            if rows:
                st.html(spoken_table(head, rows, found.periods, view, kept=False))
    with st.expander("Function words, left out above"):
        st.caption("Learned from the posts: the most frequent words, as far as they are spread evenly over the months.")
        view = functools.partial(words.posts_of, context.corpus.recipe, author, "words", verdict=("kept",))
        st.html(spoken_table("Word", found.function_words, found.periods, view, kept=False))
    command(context, author)


main(session.here())
