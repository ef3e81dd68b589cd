"""A queue of posts to decide one after another, and how often the recipe was wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from curation.asking.review.drawing import draws
from curation.asking.review.queues import KEPT, NEAR, QUEUES, REMOVED, UNLIKE, Queue
from curation.asking.review.record import change_reviews, reviews_of
from curation.corpus.pins.pin_file import Pins, pins_of
from curation.errors import CurationError
from dashboards import session
from dashboards.markup import plain, table
from dashboards.parts import decisions, post_list
from dashboards.parts.cards import read_pins
from dashboards.parts.choosing import on_choice, one_line
from dashboards.parts.figures import terminal
from dashboards.queries import review
from dashboards.queries.review import PAGE, Listed
from dashboards.session import PageContext

#: What each queue is for, below its choice.
MEANINGS = {
    REMOVED: "A random sample of what the recipe removes. Keep what belongs in the training text.",
    KEPT: "A random sample of what the recipe keeps. Remove what doesn't belong in the training text.",
    NEAR: "Posts that a threshold just removes or just keeps, and no other rule removes.",
    UNLIKE: "Kept posts whose letters are rarest among a sample of the same author's posts: other languages, codes, "
    "lists, noise.",
}


def main(context: PageContext) -> None:
    """Draw the page."""
    queue = choice(context)
    pins = read_pins(context.space)
    listed = review.listed(context.snapshot, queue, pins, session.rule_book())
    if not listed.posts:
        st.info("There are no posts in this queue.")
        results(context, pins)
        return
    pages = math.ceil(len(listed.posts) / PAGE)
    undecided = next((place for place, done in enumerate(listed.decided(pins)) if not done), 0)
    number = min(context.view.page, pages) if "page" in st.query_params else undecided // PAGE + 1
    counts = review.populations(context.snapshot)

    def decided(those: Sequence[Mapping[str, Any]]) -> None:
        posts = {(platform, post_id) for each in those for platform, _, post_id in [each["post"].partition(":")]}
        pinned = {pin.post for pin in pins_of(context.space).pins}
        new = draws(context.corpus, queue, listed.posts, posts & pinned, pinned)
        if new:
            change_reviews(context.space, lambda old: old.with_draws(new))

    page = post_list.Page(
        caption=f"Posts {PAGE * (number - 1) + 1:,} to {min(PAGE * number, len(listed.posts)):,} of this queue",
        posts=len(listed.posts),
        number=number,
        pages=pages,
        first=PAGE * (number - 1) + 1,
        on_turn=lambda to: show(context, queue, max(1, min(to, pages))),
        on_open=lambda post: session.follow("browse", context.view.cleared.changed(post=post)),
        on_decided=decided,
        above=lambda now: progress(listed, now),
        below=lambda now: results(context, now, counts),
    )
    decisions.draw(context, live=True)
    post_list.draw(context, review.page(context.snapshot, listed, number), page, key="decide:posts")


def choice(context: PageContext) -> Queue:
    """Draw the choice of a queue. Gives the one in the address."""
    kind, rule = st.query_params.get("queue", REMOVED), st.query_params.get("rule", "")
    queue = Queue(kind if kind in QUEUES else REMOVED)
    limited = queue.kind in (REMOVED, NEAR)
    rules = [each["name"] for each in context.corpus.rules if each["kind"] != "transform"]
    if queue.kind == NEAR:
        rules = [each["name"] for each in context.corpus.rules if each["kind"] == "filter" and each["measure"]]
    author = next(iter(context.view.chosen.get("author", ())), "")
    queue = Queue(queue.kind, rule if limited and rule in rules else "", author=author)
    labels: dict[str, str] = {"": "all rules"} | context.labels
    head = st.container(horizontal=True, vertical_alignment="bottom", key="browse-head")
    head.title("Decide", width="stretch")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state["decide:queue"], st.session_state["decide:rule"] = queue.kind, queue.rule
        st.segmented_control(
            "Queue",
            list(QUEUES),
            key="decide:queue",
            required=True,
            format_func=lambda name: QUEUES[name].capitalize(),
            on_change=on_choice("decide:queue", lambda kind: show(context, Queue(kind, author=author))),
        )
        if limited:
            st.selectbox(
                "Rule",
                ["", *rules],
                key="decide:rule",
                width=200,
                format_func=lambda name: one_line(labels.get(str(name), str(name))),
                on_change=on_choice("decide:rule", lambda rule: show(context, Queue(queue.kind, rule, author=author))),
            )
        choose_author(context, queue)
    st.caption(MEANINGS[queue.kind])
    return queue


def choose_author(context: PageContext, queue: Queue) -> None:
    """Draw the choice of one author, if there are several."""
    counts = review.authors(context.snapshot)
    if len(counts) < 2 and not queue.author:
        return
    st.session_state["decide:author"] = queue.author
    st.selectbox(
        "Author",
        list(dict.fromkeys(["", queue.author, *counts])),
        key="decide:author",
        width=200,
        format_func=lambda name: f"{one_line(str(name))} · {counts.get(name, 0):,}" if name else "all authors",
        on_change=on_choice("decide:author", lambda name: show(context, replace(queue, author=name))),
        help="Decisions about one author's posts don't count in the shares below, which are of random posts of all.",
    )


def show(context: PageContext, queue: Queue, page: int = 0) -> None:
    """Put a queue into the address; without a page, the first one with a post that is not decided."""
    words = {"corpus": context.corpus.recipe, "queue": queue.kind, "rule": queue.rule, "author": queue.author}
    words["page"] = str(page or "")
    st.query_params.from_dict({name: word for name, word in words.items() if word})


def progress(listed: Listed, pins: Pins) -> None:
    """Draw how much of the queue is decided."""
    done, posts = sum(listed.decided(pins)), len(listed.posts)
    st.progress(done / posts, text=f"{done:,} of {posts:,} decided")


def results(context: PageContext, pins: Pins, counts: dict[str, int] | None = None) -> None:
    """Draw how often the recipe was wrong."""
    try:
        known = review.populations(context.snapshot) if counts is None else counts
        estimates = review.estimates(context.snapshot, reviews_of(context.space), pins, known)
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    if not estimates:
        return
    st.header("How often the recipe was wrong")
    rows = []
    for each in estimates:
        what = "Removed, all rules" if not each.rule else f"Removed by {context.labels.get(each.rule, each.rule)}"
        low, high = each.interval
        rows.append(
            [
                what if each.of == REMOVED else "Kept",
                f"{each.decided:,} of {each.posts:,}",
                f"{each.wrong:,}",
                f"{each.share:.1%}" if each.share is not None else "–",
                f"{low:.1%} to {high:.1%}" if each.decided else "–",
            ]
        )
    st.html(table(["Posts", "Decided", "Wrong", "Share", "95% interval"], rows))
    st.caption(
        "Wrong are removed posts that you keep, and kept ones that you remove. Only posts from the two random queues "
        "count, under the recipe's settings of today. The interval is Wilson's."
    )
    words = ["curation", "review", context.corpus.recipe, *context.data_option()]
    terminal(words)


main(session.here())
