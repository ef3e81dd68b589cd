"""What each transform changed, by kind of damage, before and after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from curation.corpus.selection import recording
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import plain, table
from dashboards.parts import conditions, post_list
from dashboards.parts.choosing import on_choice
from dashboards.queries import post as posts
from dashboards.queries import repairs
from dashboards.queries.repairs import ChangedPosts, PostsInView
from dashboards.session import PageContext

#: Examples on the page at first, and with each "More".
STEP = 10


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Repairs")
    rules = {rule["name"]: rule for rule in repairs.rewriting(context.snapshot)}
    if not rules:
        st.info(f"The recipe {plain(context.corpus.recipe)} has no rule that changes a text.")
        return
    conditions.chips(context)
    in_view = PostsInView.at(context.snapshot, context.view, context.facets)
    changed = repairs.by_rule(in_view)
    summary(context, rules, changed)
    rule = choose(context, rules, changed)
    st.caption(plain(posts.meaning(rules[rule], session.rule_book()) or "A rule of your own."))
    if not changed[rule].posts:
        st.info(f"{plain(rules[rule]['label'])} changed no post here.")
        return
    kinds = repairs.kinds(in_view, rule)
    kind = choose_kind(context, rule, kinds)
    often(in_view, rule, kind)
    examples(context, in_view, rule, kind)


def summary(context: PageContext, rules: dict[str, dict[str, Any]], changed: dict[str, ChangedPosts]) -> None:
    """Draw how many posts each rule changed."""
    rows = [[rules[name]["label"], *_figures(one)] for name, one in changed.items()]
    links = [session.address("browse", context.view.changed(rewritten=name, found="")) for name in changed]
    st.html(table(["Rule", "Posts changed", "Kept", "Removed"], rows, links))
    st.caption(
        "Posts whose text the rule changed, and how many of them are kept and removed. Several rules may change a "
        "post. Click a rule's name to see its posts."
    )


def _figures(one: ChangedPosts) -> list[str]:
    return [f"{one.posts:,}", f"{one.kept:,}", f"{one.removed:,}"]


def choose(context: PageContext, rules: dict[str, dict[str, Any]], changed: dict[str, ChangedPosts]) -> str:
    """Draw the choice of a rule: the address's, else the first with kinds of damage, else the one that changed most."""
    named = context.view.found.partition(":")[0] or context.view.rewritten
    likely = sorted(changed, key=lambda name: (name not in recording(context.snapshot.manifest), -changed[name].posts))
    first = next((name for name in likely if changed[name].posts), likely[0])
    st.session_state["repairs:rule"] = named if named in rules else first
    return st.selectbox(
        "Look at",
        list(rules),
        key="repairs:rule",
        format_func=lambda name: f"{plain(rules[name]['label'])} · {changed[name].posts:,}",
        on_change=on_choice("repairs:rule", lambda name: session.show(context.view.changed(rewritten=name, found=""))),
    )


def choose_kind(context: PageContext, rule: str, kinds: list[ChangedPosts]) -> str:
    """Draw the kinds of damage with links to their posts. Gives the kind of the examples, "" for any."""
    if not kinds:
        return ""
    st.header("What it found", help="From the rule's column. A post with several kinds counts for each.")
    names = [f"{rule}:{one.name}" for one in kinds]
    links = [session.address("browse", context.view.changed(found=name, rewritten="")) for name in names]
    rows = [[one.name, *_figures(one)] for one in kinds]
    st.html(table(["Kind", "Posts", "Kept", "Removed"], rows, links))
    st.session_state["repairs:kind"] = context.view.found if context.view.found in names else None
    chosen = st.selectbox(
        "Examples of",
        names,
        key="repairs:kind",
        format_func=lambda name: plain(name.partition(":")[2]),
        placeholder="any kind",
        on_change=on_choice(
            "repairs:kind", lambda name: session.show(context.view.changed(found=name or "", rewritten=rule))
        ),
    )
    return (chosen or "").partition(":")[2]


def often(in_view: PostsInView, rule: str, kind: str) -> None:
    """Draw the most frequent replacements."""
    pairs = repairs.replacements(in_view, rule, kind)
    if not pairs:
        return
    with st.expander("Most frequent replacements"):
        rows = [[old or "(nothing)", new or "(nothing)", f"{number:,}"] for old, new, number in pairs]
        st.html(table(["Before", "After", "Times"], rows))
        st.caption(
            f"The most frequent replacements of at most {repairs.LONGEST} characters, in "
            f"{count(repairs.COUNTED, 'post')} at "
            "most that only this rule changed."
        )


def examples(context: PageContext, in_view: PostsInView, rule: str, kind: str) -> None:
    """Draw posts before and after."""
    st.header("Before and after", help="Posts that only this rule changed come first; the sample is always the same.")
    key = f"repairs:most:{rule}:{kind}"
    most = st.session_state.get(key, STEP)
    shown = repairs.examples(in_view, rule, kind, most + 1)
    page = post_list.Page(
        caption=f"{count(len(shown[:most]), 'example')}. Times are UTC.",
        posts=len(shown[:most]),
        on_open=lambda post: session.follow("browse", context.view.changed(post=post)),
    )
    post_list.draw(context, shown[:most], page, key="repairs:posts")
    if len(shown) > most:
        more = {key: most + STEP}
        st.button(
            "More", key="repairs:more", on_click=st.session_state.update, args=(more,), help="Show more examples."
        )


main(session.here())
