"""Training text from exactly the posts in view."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import streamlit as st

from curation.corpus.tokens_estimate import HOW
from curation.disk.exported_file import joined
from curation.errors import CurationError
from curation.exports import formats
from curation.exports.trainers import TRAINERS
from curation.options.export import CAPPED, NEAR, RANDOM, REFUSED_BELOW, TEXT, TRAIN, Cap, ExportOptions
from curation.writing.html import escaped
from dashboards import session
from dashboards.markup import block, plain
from dashboards.parts import conditions, exporting, reading
from dashboards.parts.choosing import follow, following, one_line
from dashboards.parts.facets import Layout
from dashboards.parts.figures import metric, metric_row, short
from dashboards.parts.option_boxes import draw_boxes
from dashboards.queries import browse, selection
from dashboards.queries.selection import SelectionFigures
from dashboards.session import PageContext
from dashboards.view import View

#: Facets that are open; the others open on demand.
FIRST = ("author", "month", "language")
#: Options whose boxes this page draws itself; the boxes of all others come from their fields.
OWN_FORM = {"formats", "trainers", "authors", "where", "search", "caps", "near"}
#: Pixels of the text beside the settings.
READING = 640
#: The switch that writes very little text.
ALLOW = next(field.label for field in ExportOptions.fields() if field.name == "allow_small")
#: Characters of a preview that the page shows.
SHOWN = 4_000


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Export")
    st.caption("Kept posts as training text. Download here, or copy the command.")
    row = metric_row()
    settings, beside = st.columns([3, 2], gap="large")
    with settings:
        view = choose_posts(context)
        options = ExportOptions(**selection.of_view(view), **choose_options())
    try:
        whole = selection.with_formats(options)
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    figures = selection.figures(context.snapshot, options)
    metric(row, "Posts", f"{figures.posts:,}", "")
    metric(row, "Characters", short(figures.characters), f"{figures.characters:,} code points of their texts.")
    metric(row, "Tokens, about", short(figures.tokens), f"{figures.tokens:,}. {HOW}")
    metric(row, "Authors", f"{figures.authors:,}", "")
    if not whole.formats:
        st.info("Choose a format.")
        return
    if not figures.posts:
        none_kept = not context.snapshot.manifest["counts"]["kept"]
        st.info(
            f"No post of {plain(context.corpus.recipe)} is kept, so there is nothing to export. Overview shows "
            "which rules remove them."
            if none_kept
            else "No kept post matches. Remove one of the choices above."
        )
        return
    with settings:
        passes_in_words(whole, figures)
    with beside:
        reading.draw(context.snapshot, whole, key="export:reading", height=READING)
    exporting.draw(context, options, selection.estimated_bytes(figures, whole))
    preview(context, whole, figures)


def passes_in_words(options: ExportOptions, figures: SelectionFigures) -> None:
    """Draw how often `text` has the posts and how long that makes it."""
    if TEXT not in options.formats:
        return
    length = options.passes * joined(figures.posts, figures.characters)
    passes = "1 pass" if options.passes == 1 else f"{options.passes:,} passes"
    repeated = ", without the repetitions of balancing" if options.balance else ""
    once = "" if options.passes == 1 else " Train on it for one epoch."
    st.caption(
        f"`train.txt`: {passes} over the posts, about {short(length)} characters with the marks between them{repeated}."
        f"{once} huggingtweets wrote 4."
    )
    # The count of one pass; the export's own may differ by the few posts without text.
    if not options.allow_small and joined(figures.posts, figures.characters) < REFUSED_BELOW:
        st.warning(
            f"Fewer than {REFUSED_BELOW:,} characters are too few to learn from, so `text` is not written. Choose more "
            f"posts or another format, or switch *{ALLOW}* on."
        )


def choose_posts(context: PageContext) -> View:
    """Draw the selection of posts. Gives the view with the changes."""
    view = context.view
    for name in selection.left_out(view):
        st.info(f"Only kept posts are exported, so the filter {plain(name)} does not apply here.")
    st.header("Which posts")
    st.caption("All kept posts, or those with any of the values that you choose in a list, in every list.")
    now = choose_words(context)
    here = replace(context, view=now)
    conditions.chips(replace(context, view=selection.of_kept(now).choosing("verdict")))
    of_kept = selection.of_kept(now)
    counts = browse.counts(context.snapshot, of_kept, context.facets)
    folded = [facet.name for facet in context.facets if facet.name not in FIRST]
    conditions.choose(here, counts, key="export:facets", layout=Layout(wide=True, folded=folded), of=of_kept)
    follow(view, now)
    return now


def choose_words(context: PageContext) -> View:
    """Draw the search, and the rule that rewrote a post. Gives the view with the changes."""
    view = context.view
    rewriting = [rule["name"] for rule in context.corpus.rules if rule["kind"] == "transform"]
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    q = following(
        "export:q",
        view.q,
        lambda: left.text_input(
            "Search",
            type="search",
            key="export:q",
            placeholder='words, "a phrase", -without, author:name …',
        ),
    )
    chosen = following(
        "export:rewritten",
        view.rewritten if view.rewritten in rewriting else "",
        lambda: right.selectbox(
            "Rewritten by",
            ["", *rewriting],
            key="export:rewritten",
            format_func=lambda name: one_line(context.labels[name]) if name else "any rule, or none",
        ),
    )
    return view.changed(rewritten=chosen or "", q=q or "", order=view.order)


def choose_options() -> dict[str, Any]:
    """Draw the options of the export. Gives values by the fields of `ExportOptions`."""
    st.header("How it is written")
    available = formats()
    chosen = st.multiselect(
        "Formats",
        list(available),
        default=[TEXT],
        key="export:formats",
        help=" · ".join(
            f"{name}: {(inspect.getdoc(format) or '').partition(chr(10))[0]}" for name, format in available.items()
        ),
    )
    rare = {option for format in available.values() for option in format.own_options}
    fields = {field.name: field for field in ExportOptions.fields()}
    usual = [field for name, field in fields.items() if name not in OWN_FORM | rare]
    valid = st.session_state.get("export:valid", 0.0)
    values = draw_boxes(usual, "export", disabled=() if valid else ("split",))
    caps = choose_caps()
    near = not valid or st.toggle(
        "Near copies on one side",
        value=True,
        key="export:near",
        help="Texts that are nearly the same stay on one side of the split, too.",
    )
    needed = selection.own_options(chosen, st.session_state.get("export:trainers", []))
    with st.expander("More settings", expanded=bool(needed)):
        trainers = st.multiselect(
            "Trainers",
            list(TRAINERS),
            key="export:trainers",
            format_func=lambda name: TRAINERS[name].title,
            help="Also write a configuration for a trainer. Without a format, the trainers choose it.",
        )
        # Whoever reaches the pages from elsewhere must not name files of this machine.
        closed = () if session.is_local() else ("tokenizer",)
        values |= draw_boxes([fields[name] for name in fields if name in needed], "export", disabled=closed)
        values.update((name, fields[name].default) for name in closed if name in needed)
    values |= {
        "formats": tuple(chosen),
        "trainers": tuple(trainers),
        "caps": caps,
        "valid": round(float(values["valid"]), 4),
        "near": NEAR if near else 0,
        "split": values["split"] if values["valid"] else RANDOM,
    }
    return values


def choose_caps() -> tuple[Cap, ...]:
    """Draw the caps: most posts of an author, of a month, of both, in this order; an empty box is no cap."""
    caps = []
    for column, what in zip(st.columns(len(CAPPED), vertical_alignment="bottom"), CAPPED, strict=True):
        most = column.number_input(
            f"At most, by {what.replace('/', ' and ')}",
            min_value=1,
            value=None,
            step=1,
            key=f"export:cap:{what}",
            placeholder="all",
            help="Drawn by the seed; a higher number only adds posts." if what == "author" else None,
        )
        caps += [Cap(what, int(most))] if most else []
    return tuple(caps)


def preview(context: PageContext, options: ExportOptions, figures: SelectionFigures) -> None:
    """Draw the beginning of each file, and other posts of it."""
    with st.expander("How each file begins, and some other posts of it", icon=":material/visibility:"):
        if selection.is_rough(options, figures):
            st.caption(
                "With this many posts, near copies are ignored here; some may be on the other side of the split."
            )
        _tabs(context, options, figures)


def _tabs(context: PageContext, options: ExportOptions, figures: SelectionFigures) -> None:
    for format, tab in zip(
        options.formats, st.tabs([formats()[name]().file(TRAIN) for name in options.formats]), strict=True
    ):
        with tab:
            if note := formats()[format].preview_note:
                st.caption(note)
                continue
            shown = selection.beginning(context.snapshot, format, options, figures)
            for words, content in (("Beginning:", shown.beginning), ("Other posts:", shown.drawn)):
                if not content:
                    continue
                text = content.decode("utf-8", errors="replace")
                st.caption(words)
                with st.container(border=True):
                    st.html(block(escaped(text, SHOWN)))


main(session.here())
