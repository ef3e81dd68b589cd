"""What each rule removes, how rules overlap, what other thresholds would keep, and whether the pins hold."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from curation.asking.approach import duration
from curation.asking.credit import Credit
from curation.asking.pins.suggestions import Threshold
from curation.asking.sweep import Sweep
from curation.errors import CurationError
from curation.rules import RuleBook
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.charts import credit, sweeps, upset
from dashboards.charts.vega import picked
from dashboards.markup import plain, table
from dashboards.parts import computed, job_panel, pinned
from dashboards.parts.choosing import following, one_line
from dashboards.parts.figures import figures_in_sight, metric_row, terminal
from dashboards.queries import rules
from dashboards.queries.post import meaning
from dashboards.session import PageContext
from dashboards.view import View

BROWSE, COMPARE = "pages/browse.py", "pages/compare.py"
#: The word of the address that names the threshold.
THRESHOLD = "threshold"
#: Links to the sections.
SECTIONS = (
    '<nav class="sections" aria-label="On this page"><a href="#removes">What each rule removes</a> · '
    '<a href="#overlap">Overlap</a> · <a href="#thresholds">Thresholds</a> · <a href="#pins">Pins</a></nav>'
)
#: Characters of a parameter's value that a table shows.
SHOWN = 60


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Thresholds and rules")
    book = session.rule_book()
    with figures_in_sight("rules"):
        counts = context.snapshot.manifest["counts"]
        row = metric_row(
            ("Posts", f"{counts['downloaded']:,}", ""),
            ("Kept", f"{counts['kept']:,}", ""),
            (
                "Removed",
                f"{counts['downloaded'] - counts['kept']:,}",
                "",
            ),
        )
        row.html(SECTIONS)
    figures = rules.credit(context.snapshot, book)
    removals(context, book, figures)
    in_order(context, book, figures)
    overlap(context, figures)
    thresholds(context, book)
    pinned.draw(context, book)


def in_order(context: PageContext, book: RuleBook, figures: Credit) -> None:
    """Draw the rules of the recipe."""
    st.header("The rules, in order")
    rewrote = {each.name: each.rewrote for each in figures.transforms}
    rewrote |= {each.name: each.rewrote for each in figures.rules if each.rewrote}
    first = {each.name: each.first for each in figures.rules}
    rows, links = [], []
    for number, rule in enumerate(context.corpus.rules, start=1):
        name = rule["name"]
        does = [f"removes {first[name]:,}"] if name in first else []
        does += [f"rewrites {rewrote[name]:,}"] if name in rewrote else []
        summary = meaning(rule, book) or "A rule that this dashboard does not know: name its file with --rules."
        parameters = "; ".join(f"{key} = {value_text(value)}" for key, value in rule["parameters"].items())
        rows.append([f"{number}. {rule['label']}", name, summary, parameters, ", ".join(does)])
        view = {"chosen": {"verdict": (name,)}} if name in first else {"rewritten": name}
        links.append(session.address("browse", View(corpus=context.corpus.recipe, **view)))
    with st.expander(f"{count(len(rows), 'rule')} with their parameters"):
        st.html(table(["Rule", "Called", "Removes or rewrites", "Parameters", "Posts"], rows, links))
        st.caption(
            "Posts: how many the rule removes first, as in the ledger, or whose text it changes. "
            "Click a rule to see them."
        )


def value_text(value: Any) -> str:
    """A parameter's value in JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(value):,})"


def removals(context: PageContext, book: RuleBook, figures: Credit) -> None:
    """Draw what each filter and dedup removes, and what only it removes."""
    st.header(
        "What each rule removes",
        anchor="removes",
        help="Each bar counts the posts that a rule would remove, even if an earlier rule already did. Its parts: "
        "posts that no other rule would remove, and posts that others would remove too. Click a part to see its posts.",
    )
    if not figures.rules:
        st.info(f"The recipe {plain(figures.recipe)} removes nothing.")
        return
    chosen = picked(credit.chart(figures.rules), alt=credit.in_words(figures.rules))
    if chosen:
        word, _, name = chosen.partition(":")
        session.go(BROWSE, View(corpus=context.corpus.recipe, **{word: name}))
    rows = []
    for each in figures.rules:
        counted = (f"{figure:,}" for figure in (each.matched, each.first, each.only))
        rows.append([each.label, *counted, each.words(figures.kept)])
    links = [session.address("browse", View(corpus=context.corpus.recipe, matched=each.name)) for each in figures.rules]
    st.html(table(["Rule", "Would remove", "Removes first", "Only it", "Kept without it"], rows, links))
    st.caption(
        f"Of {count(figures.posts, 'post')} {count(figures.kept, 'is', 'are')} kept. *Would remove*: posts "
        "that it matches. "
        "*Removes first*: those that no earlier rule removes, as in the ledger. *Only it*: those that no other rule "
        "matches. *Kept without it*: posts that would be kept if it were left out, and how many more that is. A rule "
        "that is expensive or compares posts looks only at posts that no earlier rule removes, so its overlap with "
        "earlier rules is unknown."
    )
    if figures.warnings:
        st.warning("\n".join(f"* {plain(warning)}" for warning in figures.warnings))
    exactly(context, book, figures)


def exactly(context: PageContext, book: RuleBook, figures: Credit) -> None:
    """Say which figures are bounds, and compute exact ones on request."""
    if all(each.exact for each in figures.rules):
        st.caption("All figures are exact.")
        return
    if any(not each.exact and not each.at_most for each in figures.rules):
        st.caption("≈ is an estimate. Only a run is exact: without this rule, later ones would see other texts.")
    effort = rules.effort(context.snapshot, book, figures) if any(each.at_most for each in figures.rules) else None
    if effort is None:
        return
    st.caption(
        "*At most*: without this rule, later ones look at more posts and may remove some of them. Exact figures try "
        f"the recipe without each of {count(effort.tries, 'rule')}; here that takes {effort.words}."
    )
    line = ["credit", context.corpus.recipe, "--exact"]
    key = f"credit:{context.snapshot.identity}"
    job = jobs.of(key)
    if job is None or not job.is_running:
        st.button(
            f"Compute exactly ({effort.words})",
            key="rules:credit",
            on_click=_exact_credit,
            args=(key, context.corpus.recipe, [*line, "--top", "0", *session.rules_option()]),
            disabled=not session.may_write(),
            help="In the background, with progress; nothing is written." if session.may_write() else session.READ_ONLY,
        )
    if job:
        job_panel.draw(job)
        if job.state == "done" and job.result:
            rules.take_exact(context.snapshot, job.result)
            jobs.registry().dismiss(job)
            st.rerun()
    command(["curation", *line, *context.data_option()])


def _exact_credit(key: str, recipe: str, words: list[str]) -> None:
    jobs.start(key, f"Exact figures of {recipe}", words)


def command(words: list[str]) -> None:
    """Draw the command line that prints the same."""
    with st.expander("In a terminal"):
        terminal(words)


def overlap(context: PageContext, figures: Credit) -> None:
    """Draw which rules match the same posts."""
    st.header(
        "How the rules overlap",
        anchor="overlap",
        help="Each line is a set of rules that match the same posts, all of them and no others; the bar shows how many "
        "posts. Click it to see them.",
    )
    shown, labels = figures.overlap[: rules.SETS], {each.name: each.label for each in figures.rules}
    if not shown:
        st.info("No rule removes a post.")
        return
    chosen = picked(upset.upset(shown, labels), alt=upset.in_words(shown, labels))
    if chosen:
        session.go(BROWSE, View(corpus=context.corpus.recipe, only=chosen))
    if more := figures.overlap[rules.SETS :]:
        st.caption(f"{len(more):,} more sets, with {count(sum(posts for _, posts in more), 'post')}, are not shown.")
    with st.expander("Show as a table"):
        rows = [[" + ".join(labels[name] for name in names), f"{posts:,}"] for names, posts in shown]
        views = [View(corpus=context.corpus.recipe, only=",".join(names)) for names, _ in shown]
        links = [session.address("browse", view) for view in views]
        st.html(table(["Matched by all of these and no others", "Posts"], rows, links))


def thresholds(context: PageContext, book: RuleBook) -> None:
    """Draw what other values of a threshold would keep."""
    st.header(
        "Other thresholds",
        anchor="thresholds",
        help="Kept posts for each value of one threshold, with all other rules unchanged. Grey: the distribution of "
        "the measure, removed posts included. Click a point to compare this value with the recipe.",
    )
    try:
        measured = rules.measured_thresholds(context.snapshot, book)
        by_parameter = {each.parameter: each for each in measured}
        if not by_parameter:
            st.info("No rule of this recipe compares a measure with a number.")
            return
        usual = rules.most_telling(context.snapshot, measured).parameter
        threshold = by_parameter[_chosen(context, list(by_parameter), usual)]
        draw(context, threshold, rules.swept(context.snapshot, threshold, book), book)
    except CurationError as error:
        st.info(plain(str(error)))


def _chosen(context: PageContext, names: list[str], usual: str) -> str:
    """Draw the choice of a threshold: the one in the address, or the usual one."""
    labels = context.labels
    requested = st.query_params.get(THRESHOLD, usual)
    current = requested if requested in names else usual
    key = f"rules:{THRESHOLD}:{context.corpus.recipe}"
    chosen = following(
        key,
        current,
        lambda: st.selectbox(
            "Threshold",
            names,
            key=key,
            format_func=lambda name: one_line(f"{labels[name.partition('.')[0]]} · {name}"),
            help="A number that a rule compares its measure with, as rule.parameter. For others, use `curation sweep`.",
        ),
    )
    if chosen != requested:
        st.query_params[THRESHOLD] = chosen
    return chosen


def draw(context: PageContext, threshold: Threshold, swept: Sweep | None, book: RuleBook) -> None:
    """Draw one threshold: its chart, and the same as a table."""
    measures = rules.measured(context.snapshot, threshold)
    unit = threshold.field.metadata.get("doc", "")
    goes = "less" if threshold.lower else "more"
    st.caption(
        f"{plain(threshold.parameter)} ({plain(unit)}), now **{sweeps.number(threshold.now)}**: posts with {goes} are "
        f"removed. The rule measured {count(measures.posts, 'post')}"
        + (f" and skipped {measures.unseen:,}, which an earlier rule removes." if measures.unseen else ".")
    )
    if swept is None:
        st.info("This threshold decides while posts are compared, so only a trial of each value can tell.")
        exact_points(context, threshold, None, book)
        return
    chart = sweeps.curve(
        swept,
        rules.bars(threshold, measures),
        measure=f"{threshold.parameter} ({unit})",
        far=measures.far_spread(threshold.step),
        whole=threshold.step == 1,
    )
    chosen = picked(chart, alt=sweeps.in_words(swept))
    if chosen is not None:
        st.switch_page(COMPARE, query_params=rules.comparing(context.snapshot, threshold.parameter, json.loads(chosen)))
    estimates = sum(not point.exact for point in swept.points)
    if estimates:
        st.caption("Hollow points are estimates; later rules may change them.")
        exact_points(context, threshold, swept, book)
    elif swept.recalculated:
        names = plain(" and ".join(context.labels[name] for name in swept.recalculated))
        st.caption(f"All points are exact; for some of them {names} looked at the posts again.")
    else:
        st.caption("All points are exact; columns of the corpus hold them.")
    with st.expander("Show as a table"):
        rows = []
        for point in swept.points:
            value = sweeps.number(point.value) + (" (now)" if point.value == swept.now else "")
            kept = f"{'' if point.exact else '≈ '}{point.kept:,}"
            rows.append([value, kept, f"{point.removed_by_rule:,}"])
        links = [rules.comparison(context.snapshot, threshold.parameter, point.value) for point in swept.points]
        st.html(table([threshold.parameter, "Kept", "Removed by this rule first"], rows, links))
    values = ",".join(json.dumps(point.value) for point in swept.points)
    words = ["curation", "sweep", context.corpus.recipe, threshold.parameter, values]
    command([*words, *(["--estimate"] if estimates else []), *context.data_option()])


def exact_points(context: PageContext, threshold: Threshold, swept: Sweep | None, book: RuleBook) -> None:
    """Draw the button that computes the points which are estimates, or all, and how far that is."""
    takes = duration(rules.sweep_seconds(context.snapshot, threshold, swept, book))
    computed.offer(
        rules.sweep_key(context.snapshot, threshold),
        f"Try values of {threshold.parameter}",
        f"Compute exactly ({takes})",
        lambda show: rules.swept(context.snapshot, threshold, book, show),
        help="Rules look at the posts again for each value. Nothing is written.",
        unit="values",
    )


main(session.here())
