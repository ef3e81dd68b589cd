"""The details of one post: reason, steps, measures, copies, columns and the original record."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from curation.corpus.findings import finding
from curation.corpus.grounds import GROUNDS
from curation.corpus.selection import KEPT
from curation.errors import CurationError
from curation.recipes.verdict import BY_HAND
from curation.rules import installed
from curation.writing.html import escaped
from dashboards import session
from dashboards.markup import badge, block, compared, plain, table
from dashboards.parts import post_list
from dashboards.parts.cards import EMPTY, head, link
from dashboards.parts.figures import terminal
from dashboards.queries import post as queries
from dashboards.queries.post import name_of
from dashboards.session import PageContext
from dashboards.view import View

if TYPE_CHECKING:
    from curation.corpus.explain import Explanation

#: Characters of a text that the page shows; a longer one is in the record and on the command line.
MOST = 100_000
#: Characters of another post's text.
GLIMPSE = 200


def draw(context: PageContext) -> None:
    """Draw the post that the view names."""
    back = context.view.changed(post="")
    st.button("← Back to the list", key="back", on_click=session.show, args=(back,))
    post = queries.find(context.snapshot, context.view.post)
    if post is None:
        st.warning(
            f"There is no post {plain(context.view.post)} in this corpus. Name a post by its platform and id, "
            "such as x\\:123."
        )
        return
    page = post_list.Page(
        caption="",
        posts=1,
        single=True,
        on_open=lambda name: session.show(context.view.changed(post=name)),
    )
    post_list.draw(context, [post], page, key="browse:post", most=MOST)
    explanation = None
    try:
        explanation = queries.explained(context.space, context.snapshot, post, session.rule_book())
        _steps(context, post, explanation)
    except CurationError as error:
        st.warning(f"The steps are not available: {plain(str(error))}")
    explained = {**post, GROUNDS: explanation.grounds} if explanation else post
    _measures(context, explained, explanation.decides_by if explanation else {})
    _relations(context, post)
    st.header("All columns")
    rows = [[name, _shown(value)] for name, value in queries.columns(post, context.corpus.rules).items()]
    st.html(table(["Column", "Value"], rows))
    if explanation and explanation.raw:
        with st.expander("Original record"):
            st.code(queries.pretty(explanation.raw)[:MOST], language="json", wrap_lines=True)
    st.header("Elsewhere")
    st.caption("On the command line")
    words = ["curation", "explain", "--recipe", context.corpus.recipe, *context.data_option()]
    terminal([*words, "--", post["id"]] if post["id"].startswith("-") else [*words, post["id"]])
    st.caption("A link to this post")
    st.code(whole_address(context.view), language=None, wrap_lines=True)


def whole_address(view: View) -> str:
    """The address of Browse with a view, with the server's name if there is one."""
    server = (st.context.url or "").rpartition("/")[0]
    relative = session.address("browse", view)
    return f"{server}/{relative}" if server else relative


def _steps(context: PageContext, post: Mapping[str, Any], explanation: Explanation) -> None:
    """Draw the text after each rule that changed it."""
    st.header("Step by step")
    before, pieces, idle = explanation.post["text"], [], []
    for rewrite in explanation.rewrites:
        label = context.labels.get(rewrite.rule, rewrite.rule)
        if not rewrite.changed:
            idle.append(label)
            continue
        old, new = compared(before, rewrite.text, MOST)
        pieces.append(
            f'<div class="pair"><span class="meta">{escaped(label)}</span>'
            f"{block(old or EMPTY, kind='text before')}{block(new or EMPTY)}</div>"
        )
        before = rewrite.text
    if idle:
        pieces.append(f'<p class="meta">Changed nothing: {escaped(", ".join(idle))}</p>')
    if pieces:
        st.html("".join(pieces))
    else:
        st.caption("No rule in this recipe rewrites text.")
    if before != post["text"]:
        st.caption("The text in the corpus is older than the landed post. Run the recipe again.")


def _measured(rule: Mapping[str, Any], post: Mapping[str, Any], decides_by: Mapping[str, Any]) -> list[str]:
    """What a rule found in the post, and its other columns."""
    if rule["kind"] == "transform":
        return ["nothing found" if post.get(column) is None else _shown(post[column]) for column in rule["columns"]]
    others = [name for name in rule["columns"] if name != rule["measure"] and post.get(name) is not None]
    reason = finding(rule, post, decides_by.get(rule["name"]))
    return [*([reason] if reason else []), *(f"{name} = {_shown(post[name])}" for name in others)]


def _measures(context: PageContext, post: Mapping[str, Any], decides_by: Mapping[str, Any]) -> None:
    """Draw what every rule found, and every rule that matches. `decides_by` is that of the post's explanation."""
    st.header("Rules")
    book = session.rule_book()
    rows, meanings = [], []
    if by_hand := post.get(BY_HAND):
        rows.append(["By hand", "keeps it" if by_hand == KEPT else "removes it", "–"])
    for rule in context.corpus.rules:
        measures = _measured(rule, post, decides_by)
        if rule["kind"] == "transform":
            does = "changed the text" if rule["name"] in (post["rewritten_by"] or ()) else "changed nothing"
        elif rule["name"] in (post["matched"] or ()):
            too = " too" if post["removed_by"] else ""
            does = "removes it" if rule["name"] == post["removed_by"] else f"would remove it{too}"
        elif rule["measure"] and post.get(rule["measure"]) is None and post["matched"]:
            does = "not asked"
        else:
            does = "lets it pass"
        given = ", ".join(f"{name} = {_shown(value)}" for name, value in rule["parameters"].items())
        rows.append([rule["label"], does, "; ".join(measures) or "–"])
        meanings.append([rule["label"], queries.meaning(rule, book) or "A rule of your own.", given or "–"])
    st.html(table(["Rule", "Here", "Found"], rows))
    # A table of its own, since five columns are too many for a phone.
    with st.expander("What the rules do"):
        st.html(table(["Rule", "Removes or rewrites", "Parameters"], meanings))


def _relations(context: PageContext, post: Mapping[str, Any]) -> None:
    """Draw what it is a copy of, its copies, and the posts joined to it."""
    kept = queries.kept_for(context.snapshot, post)
    copies, parts = queries.copies(context.snapshot, post), queries.copies(context.snapshot, post, parts=True)
    if not (kept or copies.number or parts.number):
        return
    st.header("Copies and parts")
    if kept:
        joins = {rule["name"] for rule in context.corpus.rules if installed().class_of(rule).joins}
        words = "The thread it belongs to" if post["removed_by"] in joins else "Kept instead of this post"
        _list(context, words, [kept], 1)
    if copies.number:
        _list(context, queries.heading(context.snapshot, copies), copies.posts, copies.number)
    if parts.number:
        _list(context, "Joined to this post", parts.posts, parts.number)


def _list(context: PageContext, words: str, posts: list[dict[str, Any]], number: int) -> None:
    lines = []
    for other in posts:
        opened = link("open", context.view.changed(post=name_of(other)))
        sign = badge("kept" if other["removed_by"] is None else "removed", kept=other["removed_by"] is None)
        lines.append(f"<li>{head(other)}{sign} {opened}{block(escaped(other['raw_text'], GLIMPSE))}</li>")
    more = f" (the first {len(posts)} of {number:,})" if number > len(posts) else ""
    st.html(f"<p>{escaped(words)}{more}</p><ul>{''.join(lines)}</ul>")


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ").replace("+00:00", " UTC")
    return f"{value:.4g}" if isinstance(value, float) else str(value)
