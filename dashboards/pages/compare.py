"""Two recipes over the same posts: this corpus against another one, or against itself with other thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from curation.errors import CurationError
from curation.recipe import RECIPE_NAME, shipped
from curation.recipe_text import recipe_text
from curation.what_if.trial import DONE_AGAIN, QUERIED, STANDS
from curation.what_if.variants import recipe_of
from dashboards import session
from dashboards.charts import histogram
from dashboards.markup import plain
from dashboards.parts import comparing, evaluating, moving
from dashboards.parts.choosing import following, one_line
from dashboards.queries import compare, thresholds
from dashboards.queries.compare import Asked, Told
from dashboards.session import Here
from dashboards.snapshot import ReplacedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from dashboards.queries.thresholds import Knob


@st.fragment
def live(place: Here) -> None:
    """Draw the page; a change in it draws no more than this anew."""
    try:
        page(place)
    except ReplacedError:
        st.rerun(scope="app")
    except CurationError as error:
        st.error(plain(str(error)))


def page(place: Here) -> None:
    """The page."""
    st.title("Compare")
    others = [name for name in place.space.recipes_run() if name != place.corpus.recipe]
    asked = in_address(others)
    asked = against(place, asked, others)
    if asked.against:
        into_address(place, asked)
        results(place, asked, {}, st.container())
        return
    knobs = thresholds.knobs(place.snapshot, recipe_of(place.corpus, session.rule_book()))
    top = st.container()  # above what is moved, so that both are seen at once on a telephone too
    left, right = st.columns([2, 5], gap="large")
    with left:
        st.subheader("Changes", help="A is the corpus as it stands. B is A with what is changed here.")
        values = values_asked(place, knobs, asked)
        now = moving.choose(place, knobs, values, asked.without)
        into_address(place, now)
        if not now.nothing and st.button("Back to A", key="compare:back", help="Takes all changes away."):
            into_address(place, Asked())
            st.rerun(scope="fragment")
    with right:
        results(place, now, knobs, top)
    compare.prepare(place.snapshot, session.rule_book())


def in_address(others: Sequence[str]) -> Asked:
    """What the address asks."""
    params = st.query_params
    corpus = params.get("against", "")
    if corpus and corpus not in others:
        st.warning(f"There is no other corpus {plain(corpus)} here.")
        corpus = ""
    return Asked(corpus, tuple(params.get_all("set")), tuple(params.get_all("without")))


def values_asked(place: Here, knobs: dict[str, list[Knob]], asked: Asked) -> dict[str, Any]:
    """The value of B of every parameter, as the address says; A's where it says what is not right."""
    book, said = session.rule_book(), []
    for change in asked.set:
        try:
            compare.changed_recipe(place.corpus, Asked("", (change,)), book)
            said.append(change)
        except CurationError as error:
            st.warning(plain(str(error)))
    for name in asked.without:
        if name not in knobs:
            st.warning(f"No rule of this corpus is called {plain(name)}.")
    recipe = compare.changed_recipe(place.corpus, Asked("", tuple(said)), book)
    return thresholds.values(recipe)


def into_address(place: Here, asked: Asked) -> None:
    """Have the address say it."""
    words = {"corpus": [place.corpus.recipe], "set": list(asked.set), "without": list(asked.without)}
    words |= {"against": [asked.against] if asked.against else []}
    words |= {"author": st.query_params.get_all("author")}
    words = {name: values for name, values in words.items() if values}
    if {name: st.query_params.get_all(name) for name in st.query_params} != words:
        st.query_params.from_dict(words)


def against(place: Here, asked: Asked, others: Sequence[str]) -> Asked:
    """Which side B is."""
    st.caption(f"A is the corpus {plain(place.corpus.recipe)}, chosen at the side. What is B?")
    chosen = following(
        "compare:against",
        asked.against,
        lambda: st.selectbox(
            "B",
            ["", *others],
            key="compare:against",
            format_func=lambda name: one_line(name) if name else "A with changes",
            help="Another corpus of this workspace, or A with other thresholds and rules.",
            width=320,
        ),
    )
    return Asked(chosen, (), ()) if chosen else Asked("", asked.set, asked.without)


def results(place: Here, asked: Asked, knobs: dict[str, list[Knob]], top: DeltaGenerator) -> None:
    """What is different; the figures stand in `top`."""
    book = session.rule_book()
    with top, st.spinner("Asking every post"):  # shown only where it takes a while: the first time
        told = compare.tell(place.snapshot, place.space, asked, book)
    if told is None:
        needs_a_run(place, asked)
        evaluating.section(place, asked)
        take_along(place, asked)
        return
    with top:
        comparing.figures(told.total, how(place, told, asked))
        if told.left_out:
            st.caption(f"{told.left_out:,} posts that only one of the two corpora has are left out.")
    cut(place, asked, knobs)
    if asked.nothing:
        st.info("Nothing is changed yet. Move a slider, or switch a rule off.")
        take_along(place, asked)
        return
    comparing.tables(told.rows)
    comparing.samples(place, told, asked)
    character(place, asked)
    evaluating.section(place, asked)
    take_along(place, asked)


def how(place: Here, told: Told, asked: Asked) -> str:
    """How B was found, as a sentence."""
    if asked.against:
        return f"B is the corpus {plain(asked.against)} as it stands."
    if told.how == DONE_AGAIN:
        names = ", ".join(plain(place.labels.get(name, name)) for name in told.again)
        return f"Asked of the verdict columns; done again, since they see other posts now: {names}."
    return {STANDS: "B is A as it stands.", QUERIED: "Asked of the verdict columns."}[told.how]


def cut(place: Here, asked: Asked, knobs: dict[str, list[Knob]]) -> None:
    """The measured values of the rule that is being moved, and both cuts."""
    sliders = {knob.place: knob for its in knobs.values() for knob in its if knob.kind == "slider"}
    if not sliders:
        return
    recipe = compare.changed_recipe(place.corpus, Asked("", asked.set), session.rule_book())
    given = {name: value for name, value in thresholds.values(recipe).items() if name in sliders}
    last = st.session_state.get(moving.MOVED)
    changed = [name for name, knob in sliders.items() if given[name] != knob.now]
    name = last if last in changed else changed[0] if changed else next(iter(sliders))
    knob = sliders[name]
    column = thresholds.measured(place.snapshot)[knob.rule]
    # Not stretched by what is being moved, so that the bars stay where they are.
    bins = thresholds.histogram(place.snapshot, knob.rule, column.low, column.high, whole=column.whole)
    b = None if knob.rule in asked.without else given[name]
    label = plain(place.labels[knob.rule])
    st.subheader(
        f"What {label} measured",
        help="Posts by what the rule measured; all that lie further out are in the first and the last bar. "
        "The cut of A is dashed, that of B solid; which side goes, the parameter's name says.",
    )
    unit = f"{knob.rule} ({knob.key})"
    st.vega_lite_chart(
        spec=histogram.histogram(bins, unit, knob.now, b),
        alt=histogram.described(bins, unit, knob.now, b),
        key="compare:cut",
    )


def needs_a_run(place: Here, asked: Asked) -> None:
    """What only a run can tell."""
    book = session.rule_book()
    found = compare.work_out(place.snapshot, place.space, asked, book, known_only=True)
    if found is None:
        st.info(
            "Only a whole run can tell: with this change rules would see other texts or other measures than the "
            "corpus holds. The command line below does it, or it can be worked out here and kept nowhere."
        )
        if not st.button("Work it out", type="primary", key="compare:work", help="Takes as long as `curation run`."):
            return
        with st.spinner("Working it out"):
            found = compare.work_out(place.snapshot, place.space, asked, book)
    assert found is not None
    for note in found.notes:
        st.caption(plain(note))
    comparing.figures(found.total, f"B is {plain(found.b.words)}.")
    comparing.tables(lambda by: found.tables[by])
    comparing.drawn(found, asked)
    comparing.words_of(found)


def character(place: Here, asked: Asked) -> None:
    """What changes in the kept text, when asked for."""
    st.subheader("The text's character", help="Lengths and replies of all kept posts; words out of a sample of them.")
    book = session.rule_book()
    found = compare.work_out(place.snapshot, place.space, asked, book, known_only=True)
    if found is None and st.button("Look at the texts", key="compare:character", help="Reads the texts: some seconds."):
        with st.spinner("Reading the texts"):
            found = compare.work_out(place.snapshot, place.space, asked, book)
    if found is not None:
        comparing.words_of(found)


def take_along(place: Here, asked: Asked) -> None:
    """The command line, and B as a recipe file."""
    st.subheader("Take it along")
    if not asked.nothing:
        st.write("The command line that says the same:")
        st.code(compare.command(place.corpus.recipe, asked, place.data_option()), language=None, wrap_lines=True)
    if asked.against:
        return
    usual = f"{place.corpus.recipe}_changed"[:100]
    name = st.text_input(
        "Name of the recipe",
        value=usual,
        key=f"compare:name:{place.corpus.recipe}",
        help="Its corpus lies in a folder of this name.",
    )
    if not RECIPE_NAME.fullmatch(name or "") or name in shipped():
        st.warning("Use letters, digits, '-', '\\_' and '.', and another name than a shipped recipe's.")
        return
    recipe = compare.changed_recipe(place.corpus, asked, session.rule_book())
    st.download_button(
        "Save as a recipe file",
        recipe_text(compare.named(recipe, name)),
        file_name=f"{name}.toml",
        mime="application/toml",
        key="compare:save",
        on_click="ignore",
        help="B as a TOML file; nothing is written into the workspace. Run it with: curation run FILE",
    )


def main() -> None:
    """Draw the page."""
    live(session.here())


main()
