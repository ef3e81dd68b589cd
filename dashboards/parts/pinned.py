"""The pins as a part of a page: which ones the recipe breaks, and which thresholds they need."""

from __future__ import annotations

import shlex

import streamlit as st

from curation.corpus.pins.pin_file import Pins
from curation.errors import CurationError
from curation.rules import RuleBook
from dashboards import session
from dashboards.markup import plain, table
from dashboards.parts.cards import read_pins
from dashboards.parts.figures import metric, metric_row
from dashboards.queries import rules
from dashboards.session import PageContext
from dashboards.view import View


def draw(context: PageContext, book: RuleBook) -> None:
    """Draw what the recipe decides about pinned posts, and which thresholds the pins need."""
    st.header("Pins", anchor="pins", help="Posts that must be kept or removed; pins.toml lists them.")
    pins = read_pins(context.space)
    if not pins.pins:
        st.caption(
            "No post is pinned. Pin posts in Browse with *Keep* or *Remove*; this section then shows which pins the "
            "recipe breaks."
        )
        return
    check = rules.checked(context.snapshot, pins)
    held = len(check.judged) - len(check.broken)
    row = metric_row(
        ("Pinned", f"{len(pins.pins):,}", "Posts in pins.toml in this workspace."),
        ("Held", f"{held:,}", "Pinned posts that this recipe decides as pinned."),
        ("Broken", f"{len(check.broken):,}", "Pinned posts that this recipe decides otherwise."),
    )
    if check.missing:
        metric(row, "Not here", f"{len(check.missing):,}", "Pinned posts that are not in the corpus.")
    if check.broken:
        rows = [[f"{e.pin.platform} {e.pin.id}", e.pin.want, e.why, e.pin.note] for e in check.broken]
        views = [View(corpus=context.corpus.recipe, post=f"{e.pin.platform}:{e.pin.id}") for e in check.broken]
        links = [session.address("browse", view) for view in views]
        st.html(table(["Post", "Must be", "This recipe", "Note"], rows, links))
    else:
        st.caption("This recipe breaks no pin.")
    _suggested(context, book, pins)
    words = ["curation", "check", context.corpus.recipe, *context.data_option()]
    st.caption("In a terminal; the first command exits with 4 if a pin is broken:")
    st.code(shlex.join(words) + "\n" + shlex.join([*words, "--suggest"]), language="bash", wrap_lines=True)


def _suggested(context: PageContext, book: RuleBook, pins: Pins) -> None:
    """Draw the thresholds that the pins need."""
    try:
        suggestions = rules.suggestions(context.snapshot, pins, book)
    except CurationError as error:
        st.info(plain(str(error)))
        return
    if not suggestions:
        st.caption("The pins need no other threshold.")
        return
    kept = context.snapshot.manifest["counts"]["kept"]
    rows, links = [], []
    for each in suggestions:
        would = "–"
        if each.point:
            would = f"{'' if each.point.exact else '≈ '}{each.point.kept:,} ({each.point.kept - kept:+,})"
        rows.append([each.parameter, "fits" if each.holds else "does not fit", each.sentence, would])
        other = each.value != each.now
        links.append(rules.comparison(context.snapshot, each.parameter, each.value) if other else "")
    st.html(table(["Threshold", "Now", "What the pins need", "Would keep"], rows, links))
