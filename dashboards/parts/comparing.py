"""Two recipes over the same posts: figures, bars, samples, the character of the text, and which model is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from curation.asking.comparison import BY
from curation.asking.comparison.result import ComparedPosts, Comparison
from curation.corpus.reasons import reason
from curation.corpus.selection import KEPT
from curation.errors import CurationError
from curation.recipes.verdict import LABELS
from curation.training.evaluation import Evaluation
from curation.training.evaluation.result import LIMIT, READING
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import session
from dashboards.charts import differences
from dashboards.charts.vega import picked
from dashboards.markup import SHOWN, badge, block, plain, table
from dashboards.parts import cards
from dashboards.parts.choosing import one_line, unfolded
from dashboards.parts.figures import figure, metric
from dashboards.queries import compare
from dashboards.queries.compare import GAINED, LOST, MOVED, PAGE, Outcome, Request
from dashboards.queries.post import name_of
from dashboards.session import PageContext

#: Authors that have a bar, and months.
AUTHORS, MONTHS = 20, 48
#: Most pairs of verdicts in the table.
FLOWS = 8


def figures(total: ComparedPosts, *, exact: bool = True) -> None:
    """Draw the numbers at the top."""
    kept_a, kept_b = total.both + total.only_a, total.both + total.only_b
    delta, about = f"{kept_b - kept_a:+,}" if kept_b != kept_a else None, "" if exact else "≈ "
    row = st.container(horizontal=True, gap="small", key="compare:figures")
    metric(row, "Kept by A", f"{kept_a:,}", "")
    metric(row, "Kept by B", f"{about}{kept_b:,}", "", delta=delta, delta_color="off")
    metric(row, "Only A keeps", f"{about}{total.only_a:,}", "")
    metric(row, "Only B keeps", f"{about}{total.only_b:,}", "")
    metric(row, "Kept by both", f"{about}{total.both:,}", "")
    metric(row, "Kept by neither", f"{about}{total.neither:,}", "")


def flows(rows: Sequence[tuple[str, str, int]], labels: Mapping[str, str]) -> None:
    """Draw which rules take the posts that differ, or give them back."""
    st.header("Which rules decide")
    if not rows:
        st.caption("No post has another verdict.")
        return

    def words(verdict: str) -> str:
        return "kept" if verdict == KEPT else f"removed: {labels.get(verdict, verdict)}"

    ways = {(True, False): "Lost", (False, True): "Gained", (False, False): "Other rule"}
    lines = [[ways[a == KEPT, b == KEPT], words(a), words(b), f"{n:,}"] for a, b, n in rows[:FLOWS]]
    if more := sum(n for *_, n in rows[FLOWS:]):
        lines.append([count(len(rows) - FLOWS, "more pair"), "", "", f"{more:,}"])
    st.html(table(["Change", "A", "B", "Posts"], lines))


def tables(rows: Callable[[str], Sequence[ComparedPosts]]) -> None:
    """Draw lost and gained posts by author, month, length and language."""
    st.header("Lost and gained", help="Lost: only A keeps them. Gained: only B keeps them.")
    tabs = st.tabs([by.capitalize() for by in BY], key="compare:by", on_change="rerun")
    for by, tab in zip(BY, tabs, strict=True):
        if not tab.open:
            continue  # a closed tab is drawn when it opens
        with tab:
            entries = [row for row in rows(by) if row.changed or by in ("month", "length")]
            if not any(row.changed for row in entries):
                st.caption("No post changes between kept and removed.")
                continue
            if by in ("author", "language"):
                bars(by, entries)
            else:
                drawn = entries if by == "length" or len(entries) <= MONTHS else years(entries)
                title = "characters" if by == "length" else "month" if drawn is entries else "year"
                st.vega_lite_chart(spec=differences.over(drawn, title), alt=differences.in_words(drawn, title))
            if place := unfolded("Show as a table", f"compare:table:{by}"):
                lines = [
                    [row.key, *(f"{n:,}" for n in (row.posts, row.both, row.only_a, row.only_b, row.neither))]
                    for row in entries[:500]
                ]
                place.html(table([by.capitalize(), "Posts", "Both", "Only A", "Only B", "Neither"], lines))
                if len(entries) > len(lines):
                    place.caption(f"{count(len(entries) - len(lines), 'more is', 'more are')} not shown.")


def bars(by: str, entries: Sequence[ComparedPosts]) -> None:
    """Draw a line for each author or language."""
    chart = differences.differences(entries[:AUTHORS], by)
    alt = differences.in_words(entries[:AUTHORS], by)
    if by != "author":
        st.vega_lite_chart(spec=chart, alt=alt)
        return
    clicked = picked(chart, alt=alt)
    more = f" The table has {count(len(entries) - AUTHORS, 'more author')}." if len(entries) > AUTHORS else ""
    st.caption(f"Click a line to see samples of that author below.{more}")
    if clicked is not None and int(clicked) < len(entries):
        st.query_params["author"] = entries[int(clicked)].key
        st.rerun(scope="fragment")


def years(rows: Sequence[ComparedPosts]) -> list[ComparedPosts]:
    """The months summed up as years."""
    entries: dict[str, ComparedPosts] = {}
    for row in rows:
        year = row.key[:4] if row.key[:4].isdigit() else row.key
        before = entries.get(year)
        figures = [getattr(row, name) + (getattr(before, name) if before else 0) for name in row.figures()]
        entries[year] = type(row)(year, *figures)
    return list(entries.values())


def samples(context: PageContext, outcome: Outcome, request: Request) -> None:
    """Draw posts that differ, page by page."""
    st.header("Samples")
    author = st.query_params.get("author", "")
    if author and st.button(f"Author: {plain(author)} ✕", key="compare:author", help="Show samples of all authors."):
        del st.query_params["author"]
        st.rerun(scope="fragment")
    drawn = {way: outcome.drawn(way, author) for way in (LOST, GAINED, MOVED)}
    words = {LOST: "Lost", GAINED: "Gained", MOVED: "Removed by another rule"}
    there = [way for way in drawn if len(drawn[way])]
    if not there:
        st.caption("No posts.")
        return
    way = st.segmented_control(
        "Which posts",
        there,
        default=there[0],
        required=True,
        key=f"compare:way:{'+'.join(there)}",
        format_func=lambda way: f"{words[way]} · {len(drawn[way]):,}",
    )
    places = drawn[way]
    pairs = outcome.flows(way)
    if len(pairs) > 1:
        names = context.labels | {rule["name"]: rule["label"] for rule in outcome.rules}
        pair = st.selectbox(
            "Which rules",
            [None, *((a, b) for a, b, _ in pairs)],
            key=f"compare:pair:{way}",
            format_func=lambda pair: one_line(" → ".join(names.get(name, name) for name in pair)) if pair else "all",
            width=420,
        )
        places = outcome.drawn(way, author, pair)
    else:
        pair = None
    pages = math.ceil(len(places) / PAGE) or 1
    number = st.pagination(pages, key=f"compare:page:{way}:{author}:{pair}:{request!r}") if pages > 1 else 1
    for post, other in compare.shown(
        context.snapshot, context.space, outcome, request, places[PAGE * (min(number, pages) - 1) :][:PAGE].tolist()
    ):
        sample(context, outcome, post, other)


def sample(context: PageContext, outcome: Outcome, post: dict[str, Any], other: dict[str, Any]) -> None:
    """Draw a post with both verdicts."""
    decisions = verdict("A", post, context.corpus.rules) + " " + verdict("B", other, outcome.rules)
    link = cards.link("in Browse", context.view.cleared.changed(post=name_of(post)))
    texts = cards.texts(post, context.corpus.rules, "")
    if other["text"] != post["text"]:
        texts += block("Text of B:", kind="meta") + block(escaped(other["text"], SHOWN))
    with st.container(border=True):
        st.html(f'{cards.head(post)}<div class="verdict">{decisions} {link}</div>{texts}')


def verdict(side: str, post: dict[str, Any], rules: Sequence[Any]) -> str:
    """HTML: the verdict of a side on a post."""
    by = post["removed_by"]
    rule = next((rule for rule in rules if rule["name"] == by), None)
    why = "kept" if by is None else reason(rule, post) if rule else LABELS.get(by, by)
    return badge(f"{side}: {why}", kept=by is None, rule=by or "")


def drawn(comparison: Comparison, request: Request) -> None:
    """Draw a sample of the posts that change, from a whole run."""
    st.header("Samples")
    author = st.query_params.get("author", "")
    changed = [post for post in comparison.changed if post.author == author or not author]
    pages = max(1, math.ceil(len(changed) / PAGE))
    number = st.pagination(pages, key=f"compare:drawn:{author}:{request!r}") if pages > 1 else 1
    for post in changed[PAGE * (min(number, pages) - 1) :][:PAGE]:
        sides = [badge(f"{side}: {by}", kept=by == "kept") for side, by in (("A", post.a), ("B", post.b))]
        text = block(escaped(post.text_b if post.b == "kept" else post.text_a, SHOWN))
        with st.container(border=True):
            st.html(f'<div class="meta"><bdi>@{escaped(post.author)}</bdi></div>{" ".join(sides)}{text}')


def words_of(comparison: Comparison) -> None:
    """Draw what changes in the kept text: lengths, replies, words."""
    outcome = comparison.character

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.1%}"

    sides = (outcome.a, outcome.b)
    rows = [
        ["Median length, characters", *(figure(side.median_characters, 0) for side in sides)],
        ["Share of replies", *(share(side.replies) for side in sides)],
        ["Vocabulary: distinct words per 1,000", *(figure(side.distinct_words, 0) for side in sides)],
    ]
    st.html(table(["Of the kept posts", "A", "B"], rows))
    for words, named in (("Words lost", outcome.lost), ("Words gained", outcome.gained)):
        if named:
            lines = [[word.word, f"{word.posts:,}", share(word.share), share(word.share_elsewhere)] for word in named]
            other = "B" if words == "Words lost" else "A"
            st.html(table([words, "Posts", "Share of these posts", f"Share of what {other} keeps"], lines))
    st.caption(plain(outcome.how))


def evaluation(context: PageContext, request: Request) -> None:
    """Evaluate A and B when the button is clicked."""
    st.header(
        "Which makes the better model?",
        help="A small model learns from what each recipe keeps and predicts the newest posts, which none of them sees.",
    )
    book = session.rule_book()
    try:
        result = compare.evaluation(context.snapshot, context.space, request, book, kept_only=True)
        if result is None and st.button(
            "Evaluate",
            key="compare:evaluate",
            disabled=not session.may_write(),
            help="Runs both recipes over the older posts and trains: some seconds."
            if session.may_write()
            else session.READ_ONLY,
        ):
            session.require_write()
            with st.spinner("Training"):
                result = compare.evaluation(context.snapshot, context.space, request, book)
    except CurationError as error:
        st.info(plain(str(error)))
        return
    if result is not None:
        _models(result)
        line = compare.command(context.corpus.recipe, request, context.data_option(), verb="evaluate")
        st.code(line, language=None, wrap_lines=True)


def _models(result: Evaluation) -> None:
    """The headline, both models and their difference."""
    st.markdown(f"**{plain(result.headline)}**")
    rows = [[each.name, *each.full.words, *each.equal.words] for each in result.recipes]
    rows += [["Difference", *pair.full.in_full, *pair.equal.in_full] for pair in result.pairs]
    heads = ["Bits per character", "All it keeps", "95% interval", "Equal amount", "95% interval"]
    st.html(table(heads, rows))
    for note in result.notes:
        st.caption(plain(note))
    st.caption(f"{READING} {LIMIT}")
