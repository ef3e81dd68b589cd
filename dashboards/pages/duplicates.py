"""Copies: what was removed for another post, which post was kept, and why."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from curation.rules.base import Dedup
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import SHOWN, badge, block, differences, plain, table
from dashboards.parts import facets
from dashboards.parts.choosing import following
from dashboards.parts.facets import Layout, ShownFacet
from dashboards.parts.word_address import requested, write
from dashboards.queries import duplicates
from dashboards.queries.browse import OFFERED
from dashboards.queries.duplicates import ClusterFilter, CopyCluster
from dashboards.session import PageContext
from dashboards.view import View

#: Words of the address: the order, and the least copies of a cluster; and its highest value.
FIRST, LEAST, MOST = "first", "least", 999_999


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Duplicates")
    rules = {rule["name"]: rule for rule in context.corpus.rules if rule["kind"] == "dedup"}
    if not rules:
        st.info(f"The recipe {plain(context.corpus.recipe)} has no rule that removes copies.")
        return
    summary(context, rules)
    chosen = choices(context, rules)
    clusters = duplicates.clusters(context.snapshot, chosen)
    total = clusters.height
    if not total:
        st.info("No cluster of copies matches.")
        return
    pages = math.ceil(total / duplicates.PAGE)
    st.caption(f"{total:,} cluster{'' if total == 1 else 's'}, the {chosen.order} first.")
    # The key names the choice, so that another choice begins on its first page.
    number = st.pagination(pages, key=f"duplicates:page:{chosen!r}") if pages > 1 else 1
    for cluster in duplicates.page(context.snapshot, clusters, min(number, pages)):
        draw(context, cluster, rules.get(cluster.rule, {"name": cluster.rule, "use": "", "parameters": {}}))


def summary(context: PageContext, rules: dict[str, dict[str, Any]]) -> None:
    """Draw what each rule removed, and how it chooses the kept post."""
    totals = duplicates.by_rule(duplicates.clusters(context.snapshot, ClusterFilter()))
    lone = duplicates.without_kept(context.snapshot)
    rows, links = [], []
    for name, rule in rules.items():
        clusters, copies = totals.get(name, (0, 0))
        why = dedup(rule).reason(rule["parameters"])
        where = duplicates.scope(rule)
        kept = f"{why[0].upper()}{why[1:]}{f', {where}' if where else ''}."
        rows.append([rule["label"], f"{clusters:,}", f"{copies + lone.get(name, 0):,}", kept])
        links.append(session.address("browse", View(corpus=context.corpus.recipe, chosen={"verdict": (name,)})))
    st.html(table(["Rule", "Clusters", "Removed posts", "Why it is kept"], rows, links))
    for name, posts in lone.items():
        st.caption(
            f"{plain(rules[name]['label'])} removed {count(posts, 'post')} without a kept post; they are "
            "in no cluster. "
            "Click the rule's name above to see them."
        )


def dedup(rule: dict[str, Any]) -> type[Dedup]:
    """The class of a rule that removes copies."""
    kind = session.rule_book().class_of(rule)
    return kind if issubclass(kind, Dedup) else Dedup


def choices(context: PageContext, rules: dict[str, dict[str, Any]]) -> ClusterFilter:
    """Draw the filters. The address names all of them."""
    view, snapshot = context.view, context.snapshot
    right, left = st.columns([1, 3], vertical_alignment="bottom")
    order = duplicates.LARGEST
    if duplicates.similarity_columns(snapshot):
        orders = [duplicates.LARGEST, duplicates.LEAST_ALIKE, duplicates.MOST_ALIKE]
        order = following(
            "duplicates:order",
            requested(FIRST, orders, duplicates.LARGEST),
            lambda: str(
                left.segmented_control(
                    "First",
                    orders,
                    required=True,
                    key="duplicates:order",
                    help="The similarity of a cluster is the lowest of a copy and the kept post. Clusters of rules "
                    "that measure none come last.",
                )
            ),
        )
    given = st.query_params.get(LEAST, "")
    least = following(
        "duplicates:least",
        min(int(given), MOST) if re.fullmatch("[1-9][0-9]{0,8}", given) else 1,
        lambda: int(right.number_input("Copies, at least", min_value=1, max_value=MOST, key="duplicates:least")),
    )
    words = {FIRST: "" if order == duplicates.LARGEST else order, LEAST: "" if least == 1 else str(least)}
    write(words)
    shown = [value for value in view.chosen.get("verdict", ()) if value in rules]
    chosen = ClusterFilter(tuple(shown), view.chosen.get("author", ()), least, order)
    counts = duplicates.counts(snapshot, chosen)
    facets.draw(
        [
            _shown("verdict", "Rule", "The rule that removed the copies.", counts, shown, context.labels),
            _shown("author", "Author", "Of the kept post or of a copy.", counts, chosen.authors, {}),
        ],
        lambda name, values: write(words, view.choosing(name, *values)),
        lambda name, text: containing(counts[name], text),
        key="duplicates:facets",
        layout=Layout(wide=True),
    )
    return chosen


def _shown(
    name: str, label: str, doc: str, counts: dict[str, dict[str, int]], chosen: Sequence[str], labels: dict[str, str]
) -> ShownFacet:
    most = dict(itertools.islice(counts[name].items(), OFFERED))
    offered = {**most, **{value: counts[name].get(value, 0) for value in chosen}}
    number = len(counts[name].keys() | offered.keys())
    return ShownFacet(name, label, doc, offered, number, chosen, lambda value: labels.get(value, value))


def containing(counts: dict[str, int], text: str) -> tuple[dict[str, int], int]:
    """The values that contain a text, whatever the case, and how many there are."""
    values = [value for value in counts if text.casefold() in value.casefold()]
    return {value: counts[value] for value in values[:OFFERED]}, len(values)


def draw(context: PageContext, cluster: CopyCluster, rule: dict[str, Any]) -> None:
    """Draw one cluster."""
    joins, (one, more) = dedup(rule).joins, dedup(rule).removed
    what = one if cluster.copies == 1 else more
    with st.container(border=True):
        label = rule.get("label", cluster.rule)
        several = f" by {cluster.authors:,} authors" if cluster.authors > 1 else ""
        st.html(
            f"<strong>{cluster.copies:,} {what}</strong>{several} · {escaped(label)}"
            + kept_post(context, cluster, rule)
            + "".join(copy_of(cluster.kept, copy, joins=joins) for copy in cluster.shown)
        )
        left = cluster.copies - len(cluster.shown)
        words = f"Show the post and all {cluster.copies:,} {what}" if left > 0 else "Show in Browse"
        if left > 0:
            st.caption(f"{count(left, f'more {one} is', f'more {more} are')} not shown here.")
        if st.button(words, key=f"duplicates:{cluster.post}:{cluster.rule}"):
            session.go("pages/browse.py", View(corpus=context.corpus.recipe, post=cluster.post))


def kept_post(context: PageContext, cluster: CopyCluster, rule: dict[str, Any]) -> str:
    """HTML of the kept post, with the reason."""
    post = cluster.kept
    if post is None:
        return block("The kept post is no longer in the corpus.", kind="meta")
    why = dedup(rule).reason(rule["parameters"])
    if post["removed_by"] is None:
        line_html = badge("kept", kept=True) + f" {escaped(why)}"
    else:
        later = context.labels.get(post["removed_by"], post["removed_by"])
        line_html = badge("removed later", kept=False)
        line_html += f" kept at that step: {escaped(why)}; later removed by {escaped(later)}"
    return f'<div class="copied">{line_html}{line(post)}{block(escaped(post["text"], SHOWN))}</div>'


def copy_of(post: dict[str, Any] | None, copy: dict[str, Any], *, joins: bool) -> str:
    """HTML of a copy: marks what only it has, strikes out what only the kept post has."""
    if post is None or joins:
        return f'<div class="copied">{line(copy)}{block(escaped(copy["raw_text"], SHOWN))}</div>'
    before, after, note = duplicates.texts(post, copy)
    line_html = block(note, kind="meta") if note else ""
    if before != after:
        line_html += block(between(before, after))
    return f'<div class="copied">{line(copy)}{line_html}</div>'


def between(before: str, after: str) -> str:
    """HTML of two texts in one: `<del>` marks what only the first has, `<ins>` what only the second has."""
    pieces = []
    for same, gone, come in differences(before[:SHOWN], after[:SHOWN]):
        if same:
            pieces.append(escaped(come))
            continue
        pieces += [f"<del>{escaped(gone)}</del>"] if gone else []
        pieces += [f"<ins>{escaped(come)}</ins>"] if come else []
    left = max(0, len(after) - SHOWN)
    return "".join(pieces) + (f" … {count(left, 'more character')}" if left else "")


def line(post: dict[str, Any]) -> str:
    """HTML: who posted it and when, and how alike a copy and the kept post are."""
    at = f"{post['at']:%Y-%m-%d %H:%M:%S} UTC" if post["at"] else "no time"
    name = f"{escaped(post['platform'])} {escaped(post['id'])}"
    similarity = post.get("similarity")
    alike = "" if similarity is None else f" · similarity {similarity:.2f}"
    return block(f"<bdi>{escaped(post['author'])}</bdi> · {at} · {name}{alike}", kind="meta")


main(session.here())
