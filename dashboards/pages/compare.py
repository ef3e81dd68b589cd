"""Two recipes over the same posts: this corpus against another one, or against itself with other thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curation.asking.approach import Way, duration
from curation.asking.comparison.tolerance import left_out_sentence, percent
from curation.asking.variants import recipe_of
from curation.errors import CurationError
from curation.recipes.recipe_files import recipe_files
from dashboards import session
from dashboards.charts import histogram
from dashboards.markup import plain
from dashboards.parts import comparing, computed, moving, recipe_save, recipe_state
from dashboards.parts.choosing import following, one_line
from dashboards.parts.figures import figures_in_sight
from dashboards.parts.fragment import fragment
from dashboards.queries import compare, rules, thresholds
from dashboards.queries.compare import Outcome, Request
from dashboards.queries.thresholds import Knob
from dashboards.session import PageContext


@fragment
def page(context: PageContext) -> None:
    """Draw the page."""
    st.title("Compare")
    others = [name for name in context.space.recipes_run() if name != context.corpus.recipe]
    request = in_address(others)
    request = against(context, request, others)
    if request.against:
        into_address(context, request)
        results(context, request, {}, figures_in_sight("compare"))
        return
    recipe = recipe_of(context.corpus, session.rule_book())
    knobs = thresholds.knobs(context.snapshot, recipe)
    if request.nothing and TOUCHED not in st.session_state:
        request = rules.opening(context.snapshot, recipe, session.rule_book())
    st.session_state[TOUCHED] = True
    top = figures_in_sight("compare")
    left, right = st.columns([2, 5], gap="large")
    with left:
        st.header("Changes", help="A is the corpus. B is A with the changes below. At first, one value is changed.")
        values = requested_values(context, knobs, request)
        now = moving.choose(context, knobs, values, request.without)
        into_address(context, now)
        if not now.nothing:
            st.button(
                "Back to A",
                key="compare:back",
                help="Removes all changes.",
                on_click=lambda: into_address(context, Request()),
            )
    with right:
        results(context, now, knobs, top)
    compare.prepare(context.snapshot, session.rule_book())


def in_address(others: Sequence[str]) -> Request:
    """The request in the address."""
    params = st.query_params
    corpus = params.get("against", "")
    if corpus and corpus not in others:
        st.warning(f"There is no other corpus {plain(corpus)} here.")
        corpus = ""
    return Request(corpus, tuple(params.get_all("set")), tuple(params.get_all("without")))


def requested_values(context: PageContext, knobs: dict[str, list[Knob]], request: Request) -> dict[str, Any]:
    """B's value of every parameter, from the address; A's where the address is wrong."""
    book, changes = session.rule_book(), []
    for change in request.set:
        try:
            compare.changed_recipe(context.corpus, Request("", (change,)), book)
            changes.append(change)
        except CurationError as error:
            st.warning(plain(str(error)))
    for name in request.without:
        if name not in knobs:
            st.warning(f"No rule of this corpus is called {plain(name)}.")
    recipe = compare.changed_recipe(context.corpus, Request("", tuple(changes)), book)
    return thresholds.values(recipe)


def into_address(context: PageContext, request: Request) -> None:
    """Put the request into the address."""
    words = {"corpus": [context.corpus.recipe], "set": list(request.set), "without": list(request.without)}
    words |= {"against": [request.against] if request.against else [], "author": st.query_params.get_all("author")}
    words = {name: values for name, values in words.items() if values}
    if {name: st.query_params.get_all(name) for name in st.query_params} != words:
        st.query_params.from_dict(words)


def against(context: PageContext, request: Request, others: Sequence[str]) -> Request:
    """Draw the choice of side B."""
    left = f"Compare *{plain(context.corpus.recipe)}* with:"
    chosen = following(
        "compare:against",
        request.against,
        lambda: st.selectbox(
            left,
            ["", *others],
            key="compare:against",
            format_func=lambda name: one_line(name) if name else "A with changes",
            width=320,
        ),
    )
    return Request(chosen, (), ()) if chosen else Request("", request.set, request.without)


def results(context: PageContext, request: Request, knobs: dict[str, list[Knob]], top: DeltaGenerator) -> None:
    """Draw what differs; the figures go into `top`."""
    with top:
        first = st.container(gap="xsmall")
        outcome, waits = compared(context, request)
    if outcome is None:
        if not waits:
            needs_a_run(context, request, top)
        comparing.evaluation(context, request)
        take_along(context, request)
        return
    with first:
        comparing.figures(outcome.total, exact=outcome.exact)
    sentence = how(context, outcome, request)
    if outcome.left_out:
        sentence += f" {left_out_sentence(outcome.left_out)}"
    st.caption(
        f"{sentence} {percent(outcome.total.changed, outcome.total.posts)} of the posts change between kept and "
        "removed."
    )
    if request.nothing:
        cut(context, request, knobs)
        st.info("Nothing is changed yet. Move a slider, or switch a rule off.")
        take_along(context, request)
        return
    comparing.flows(outcome.flows(), context.labels | {rule["name"]: rule["label"] for rule in outcome.rules})
    cut(context, request, knobs)
    comparing.tables(outcome.rows)
    comparing.samples(context, outcome, request)
    character(context, request)
    comparing.evaluation(context, request)
    take_along(context, request)


def compared(context: PageContext, request: Request) -> tuple[Outcome | None, bool]:
    """How B differs: exactly if that takes no time or somebody asks for it, else as far as the columns can tell.

    Also gives whether exact figures wait for a press of the button.
    """
    book, known = session.rule_book(), (context.snapshot, context.space, request)
    seconds = compare.seconds(context.snapshot, request, book)
    if seconds is None:
        return None, False
    with st.spinner("Comparing"):  # shown only where it takes a while: the first time
        if seconds < QUICK:
            return compare.outcome(*known, book), False
        if exact := compare.outcome(*known, book, kept_only=True):
            computed.forget(compare.key_of("exact", *known))
            return exact, False
        quick = compare.outcome(*known, book, exact=False)
    if quick and quick.exact:
        return quick, False
    st.caption("≈: later rules would look at other posts." if quick else "Rules have to look at the posts again.")
    computed.offer(
        compare.key_of("exact", *known),
        "Compare exactly",
        f"Compute exactly ({duration(seconds)})",
        lambda _: compare.outcome(*known, book),
        primary=quick is None,
    )
    return quick, True


def how(context: PageContext, outcome: Outcome, request: Request) -> str:
    """How B was computed, as a sentence."""
    if request.against:
        return f"B is the corpus {plain(request.against)}."
    if outcome.way is Way.CURRENT:
        return "B is A, unchanged."
    if not outcome.exact:
        return "Computed instantly, assuming that later rules give the same verdicts."
    names = ", ".join(plain(context.labels.get(name, name)) for name in outcome.recalculated)
    return f"Computed instantly; {names} recalculated." if names else "Computed instantly."


def cut(context: PageContext, request: Request, knobs: dict[str, list[Knob]]) -> None:
    """Draw what the rule of the last moved slider measured, with both cuts."""
    sliders = {knob.place: knob for its in knobs.values() for knob in its if knob.kind == "slider"}
    if not sliders:
        return
    recipe = compare.changed_recipe(context.corpus, Request("", request.set), session.rule_book())
    given = {name: value for name, value in thresholds.values(recipe).items() if name in sliders}
    last = st.session_state.get(moving.MOVED)
    changed = [name for name, knob in sliders.items() if given[name] != knob.now]
    removed = context.snapshot.manifest["counts"].get("removed", {})
    telling = max(sliders, key=lambda name: removed.get(sliders[name].rule, 0))
    name = last if last in changed else changed[0] if changed else telling
    knob = sliders[name]
    column = thresholds.measured(context.snapshot)[knob.rule]
    # The slider does not change the range, so the bars stay where they are.
    bins = thresholds.histogram(context.snapshot, knob.rule, column.low, column.high, whole=column.whole)
    b = None if knob.rule in request.without else given[name]
    label = plain(context.labels[knob.rule])
    st.header(
        knob.measured or f"What {label} measured",
        help="Posts by the rule's measure; the first and the last bar hold all values beyond. "
        "A's threshold is dashed, B's is solid. The parameter's name says which side is removed.",
    )
    unit = f"{knob.rule} ({knob.key})"
    st.vega_lite_chart(
        spec=histogram.histogram(bins, unit, knob.now, b, whole=column.whole),
        alt=histogram.in_words(bins, unit, knob.now, b),
        key="compare:cut",
    )


def needs_a_run(context: PageContext, request: Request, top: DeltaGenerator) -> None:
    """Say that only a whole run can compare, and offer one."""
    book = session.rule_book()
    comparison = compare.whole_comparison(context.snapshot, context.space, request, book, kept_only=True)
    if comparison is None:
        st.info(
            "Only a whole run can compare these: with this change, rules would see texts or measures that the corpus "
            "does not hold. Run the command below, or compute the result here without saving it."
        )
        offer(context, request, "Compare by a run", "Compute", help="Takes as long as `curation run`.", primary=True)
        return
    for note in comparison.notes:
        st.caption(plain(note))
    with top:
        comparing.figures(comparison.total)
    st.caption(f"B is {plain(comparison.b.words)}.")
    comparing.flows([(flow.a, flow.b, flow.posts) for flow in comparison.flows], context.labels)
    comparing.tables(lambda by: comparison.tables[by])
    comparing.drawn(comparison, request)
    comparing.words_of(comparison)


def character(context: PageContext, request: Request) -> None:
    """Draw what changes in the kept text, on request."""
    st.header("The text's character", help="Lengths and replies of all kept posts; words from a sample.")
    book = session.rule_book()
    comparison = compare.whole_comparison(context.snapshot, context.space, request, book, kept_only=True)
    if comparison is not None:
        comparing.words_of(comparison)
        return
    offer(context, request, "Read the texts", "Look at the texts", help="Reads the texts: some seconds.")


def offer(context: PageContext, request: Request, title: str, label: str, *, help: str, primary: bool = False) -> None:
    """A button that compares by a run, in the background."""
    book = session.rule_book()
    computed.offer(
        compare.key_of("whole", context.snapshot, context.space, request),
        title,
        label,
        lambda _: compare.whole_comparison(context.snapshot, context.space, request, book),
        help=help,
        primary=primary,
    )


def take_along(context: PageContext, request: Request) -> None:
    """Draw the command line, and B as a recipe file."""
    st.header("Run or save these settings")
    if not request.nothing:
        st.write("On the command line:")
        st.code(compare.command(context.corpus.recipe, request, context.data_option()), language=None, wrap_lines=True)
    if request.against:
        return
    recipe = compare.changed_recipe(context.corpus, request, session.rule_book())
    others = {*context.space.recipes_run(), *recipe_files(context.space)}
    usual = f"{context.corpus.recipe[:80]}_changed"
    usual = next(each for each in (usual, *(f"{usual}_{n}" for n in range(2, 1000))) if each not in others)
    key = f"compare:name:{context.corpus.recipe}"
    name = st.text_input("Name of the recipe", value=usual, key=key) or ""
    why = recipe_save.why_no_name(name)
    if why:
        st.warning(plain(why))
    text = compare.text_of_b(context.snapshot, context.space, request, session.rule_book(), name or "recipe")
    able = session.may_write() and not why
    row = st.container(horizontal=True)
    runs = row.button(
        f"Run {plain(name)}", key="compare:run", type="primary", disabled=not able,
        help="Saves B as a recipe of this workspace and curates with it, in the background." if able else
        session.READ_ONLY,
    )  # fmt: skip
    if row.button("Edit as a recipe", key="compare:edit", help="All rules and parameters, and the file beside them."):
        recipe_state.opened(text, f"{context.corpus.recipe} with changes")
        st.switch_page("pages/recipe.py", query_params={"corpus": context.corpus.recipe})
    row.download_button(
        "Save as a recipe file",
        text,
        file_name=f"{name or 'recipe'}.toml",
        mime="application/toml",
        key="compare:save",
        on_click="ignore",
        disabled=bool(why) or not recipe.rules,
        help="B as a TOML file, in your browser's downloads.",
    )
    if runs:
        theirs = recipe_save.save(context, name, text, None)
        if theirs is None:
            st.session_state[RUN] = name
            recipe_save.run(name, context.corpus.recipe)
        else:
            st.warning(f"There is a recipe {plain(name)} with other rules already. Choose another name.")
    if running := st.session_state.get(RUN):
        recipe_save.draw_run(running)


#: Seconds within which exact figures are computed without asking.
QUICK = 2.0
#: Session key: the recipe whose run was started here.
RUN = "compare:run:name"
#: Session key: somebody has seen the change that the page begins with.
TOUCHED = "compare:touched"

page(session.here())
