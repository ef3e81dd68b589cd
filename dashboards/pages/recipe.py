"""A recipe to edit: rules in order with what each removes, parameters by their types, its file beside them."""

from __future__ import annotations

import hashlib

import streamlit as st

from curation.asking.approach import Way
from curation.asking.draft import Draft, text_of
from curation.errors import RecipeError
from curation.recipes import recipe_edit
from curation.recipes.recipe_files import recipe_files
from curation.rules import RuleBook
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import plain
from dashboards.parts import recipe_form, recipe_save, recipe_state, recipe_trial, rule_list
from dashboards.parts.choosing import following, one_line
from dashboards.parts.figures import figures_in_sight
from dashboards.parts.fragment import fragment
from dashboards.parts.recipe_save import why_no_name
from dashboards.parts.recipe_state import OpenRecipe
from dashboards.parts.rule_list import RuleLine
from dashboards.queries import recipe as queries
from dashboards.queries.recipe import Judgement
from dashboards.session import PageContext

#: The word of the address that opens a recipe, and the source that is the corpus itself.
RECIPE, CORPUS = "recipe", ""
#: Characters of a problem in the list of rules.
BRIEF = 60


@fragment
def page(context: PageContext) -> None:
    """Draw the page."""
    st.title("Recipe")
    book = session.rule_book()
    opened = chosen(context, book)
    draft = Draft.read(opened.text, book)
    top = figures_in_sight("recipe")
    judgement, trial = Judgement(Way.NEEDS_RUN, None), None
    if draft.recipe:
        with top:
            figures = st.container()
            judgement = recipe_trial.judged(context, draft.recipe)
            recipe_trial.exact_button(context, draft.recipe, judgement)
        if judgement.outcome is None and st.session_state.get("recipe:tried") == draft.recipe.fingerprint:
            with st.spinner("Trying"):
                trial = queries.trial(context.snapshot, context.space, draft.recipe)
        with figures:
            recipe_trial.figures(context, judgement, trial)
    left, right = st.columns([5, 4], gap="large")
    with left:
        rules(context, opened, draft, judgement, book)
    with right:
        if draft.rules:
            with st.container(border=True, key="recipe:parameters"):
                recipe_form.draw_rule(context, opened, draft, book)
        text(opened, draft)
    actions(context, opened, draft)
    if draft.recipe:
        st.header("Try it", help="What this recipe would keep of the corpus on the left; nothing is written.")
        st.caption(recipe_trial.way_words(context, judgement))
        if judgement.outcome:
            recipe_trial.draw(context, draft.recipe, judgement)
        elif trial:
            recipe_trial.draw_trial(context, draft.recipe, trial)
        else:
            fingerprint = draft.recipe.fingerprint
            st.button("Try it on a sample", key="recipe:try", type="primary", on_click=_try, args=(fingerprint,))


def _try(fingerprint: str) -> None:
    st.session_state["recipe:tried"] = fingerprint


def chosen(context: PageContext, book: RuleBook) -> OpenRecipe:
    """Draw the choice of a recipe to begin with. Gives the one that is edited."""
    opened = recipe_state.current()
    names = {CORPUS: f"the corpus {context.corpus.recipe}", **queries.sources(context.space)}
    if opened is None:
        requested = st.query_params.get(RECIPE, CORPUS)
        if requested not in names:
            st.warning(f"There is no recipe {plain(requested)} here.")
        opened = open_source(context, book, requested if requested in names else CORPUS)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    source = row.selectbox(
        "Start from",
        [*names],
        key="recipe:source",
        format_func=lambda name: one_line(f"{name} · {names[name]}" if name else names[name]),
        width=360,
    )

    def open_again() -> None:
        open_source(context, book, source)

    row.button(
        "Open, and drop my edits" if opened.is_edited else "Open",
        key="recipe:open-source",
        on_click=open_again,
        help="Replaces what is below. Save first what you want to keep." if opened.is_edited else None,
    )
    edited = " · edited, not saved" if opened.is_edited else ""
    st.caption(f"Opened from {plain(opened.source)}{edited}.")
    return opened


def open_source(context: PageContext, book: RuleBook, name: str) -> OpenRecipe:
    """Open a recipe. Its name becomes one that can be saved."""
    source = name or f"the corpus {context.corpus.recipe}"
    try:
        text = queries.source_text(context.space, name) if name else text_of(context.corpus, context.space, book)
    except RecipeError as error:  # the corpus has a rule that is unknown now, or had other parameters
        known = queries.sources(context.space)
        source = name = context.corpus.recipe if context.corpus.recipe in known else next(iter(known))
        text = queries.source_text(context.space, source)
        st.warning(plain(f"{error} This is the recipe {source} instead."))
    name = name or context.corpus.recipe
    saved = name in recipe_files(context.space) and queries.source_text(context.space, name) == text
    opened = recipe_state.opened(text, source, name if saved else "")
    if why_no_name(name):
        opened.edit(lambda text: recipe_edit.with_head(text, "name", f"{name[:90]}_mine"))
        opened.opened = opened.text
    return opened


def rules(context: PageContext, opened: OpenRecipe, draft: Draft, judgement: Judgement, book: RuleBook) -> None:
    """Draw the rules in order, and the choice of another to add."""
    st.header(
        "Rules, in order",
        help="Each rule sees the text as the rules before it left it. Move a rule by its arrows, by dragging it, or "
        "with Alt and the arrow keys; the box switches it off; its name shows its parameters.",
    )
    if opened.error:
        st.error(plain(opened.error))
    if not draft.keeps_comments:
        st.caption(
            "This file has its rules in another form than [[rule]]; the first edit here writes them anew, "
            "without comments."
        )
    if not draft.rules:
        st.info("There is no rule yet. Add one below." if not draft.problems else "Mend the TOML first.")
    if draft.rules:
        opened.chosen = min(opened.chosen, len(draft.rules) - 1)
        lines = [line(context, draft, number, judgement, book) for number in range(len(draft.rules))]

        def act(kind: str, at: int, to: int) -> None:
            if kind == "choose":
                opened.chosen = at
            elif kind == "switch":
                opened.edit(lambda text: recipe_edit.switched(text, at, on=not draft.rules[at].is_on))
            else:
                opened.edit(lambda text: recipe_edit.moved(text, at, to))
                opened.chosen = to

        state = hashlib.sha256(f"{opened.text}".encode("utf-8", "replace")).hexdigest()[:16]
        rule_list.draw(lines, opened.chosen, state, act, key="recipe:rules")
        recipe_form.draw_adding(opened, draft, book)
    elif not draft.problems:
        recipe_form.draw_adding(opened, draft, book)


def line(context: PageContext, draft: Draft, number: int, judgement: Judgement, book: RuleBook) -> RuleLine:
    """A rule as a line of the list."""
    block = draft.rules[number]
    use = str(block.table.get("use", "?"))
    rule = book.rules.get(use)
    name = str(block.table.get("name", use))
    label = str(block.table.get("label") or (rule.title if rule else use))
    wrong = " ".join(draft.of(number))
    wrong = f"{wrong[:BRIEF]}…" if len(wrong) > BRIEF else wrong
    does = ""
    if rule and rule.kind == "transform":
        does = "rewrites"
    elif block.is_on and judgement.outcome:
        about = "" if judgement.outcome.exact else "≈ "
        does = f"removes {about}{judgement.removed().get(name, 0):,}"
    elif name in (removed := context.snapshot.manifest["counts"].get("removed", {})):
        does = f"removed {removed[name]:,} in {context.corpus.recipe}"
    return RuleLine(label, does, block.is_on, wrong)


def text(opened: OpenRecipe, draft: Draft) -> None:
    """Draw the file, and what is wrong with it."""
    st.header("As a file", help="The form and this file change each other. Leave the box to apply an edit.")

    def change() -> None:
        opened.text, opened.error = st.session_state["recipe:toml"], ""

    height = min(900, max(300, 26 * (opened.text.count("\n") + 2)))
    following(
        "recipe:toml",
        opened.text,
        lambda: st.text_area("TOML", key="recipe:toml", height=height, on_change=change, label_visibility="collapsed"),
    )
    lines = opened.text.splitlines()
    for problem in draft.problems:
        at = ""
        if problem.line and problem.line <= len(lines):
            at = f"Line {problem.line}, `{plain_code(lines[problem.line - 1])}`: "
        st.error(at + plain(problem.message))
    if not draft.problems:
        active = sum(rule.is_on for rule in draft.rules)
        st.caption(
            f"Valid: {count(active, 'rule')}"
            + (f", {len(draft.rules) - active:,} off." if active < len(draft.rules) else ".")
        )


def plain_code(line: str) -> str:
    """A line of the file for Markdown's code, which has no backticks and no invisible signs."""
    return " ".join(plain(line).replace("\\", "").replace("`", "'").split())[:80] or " "


def actions(context: PageContext, opened: OpenRecipe, draft: Draft) -> None:
    """Draw the name, and the buttons that save, run and download."""
    name = draft.name

    def rename() -> None:
        given = st.session_state["recipe:name"]
        opened.edit(lambda text: recipe_edit.with_head(text, "name", given))
        st.session_state["recipe:name:requested"] = given

    st.header("Save and run")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        following(
            "recipe:name",
            name,
            lambda: st.text_input("Name", key="recipe:name", on_change=rename, width=280),
        )
    why = why_no_name(name)
    able = session.may_write() and not why and draft.recipe is not None
    reason = why or ("" if draft.recipe else "Mend the recipe first.") or (session.READ_ONLY if not able else "")
    save = row.button("Save", key="recipe:save", disabled=not able, help=reason or "Into recipes/ of this workspace.")
    runs = row.button(
        f"Run {plain(name)}" if name else "Run", key="recipe:run", type="primary", disabled=not able,
        help=reason or "Saves it, then curates what has landed with it, in the background.",
    )  # fmt: skip
    row.download_button(
        "Download", opened.text, file_name=f"{name or 'recipe'}.toml", mime="application/toml", key="recipe:download",
        on_click="ignore",
    )  # fmt: skip
    if reason:
        st.caption(plain(reason))
    elif name in context.space.recipes_run():
        st.caption(f"There is a corpus {plain(name)} already. A run replaces it.")
    if save or runs:
        saved = stored(context, opened, name)
        if saved and runs:
            recipe_save.run(name, context.corpus.recipe)
        elif saved:
            st.success(
                f"Saved as recipes/{plain(name)}.toml. Run it in a terminal: `{context.space.command('run', name)}`"
            )
    if opened.conflict is not None:
        theirs = opened.conflict

        def take() -> None:
            recipe_state.opened(theirs, name, name)

        def insist() -> None:
            opened.file, opened.before, opened.conflict = name, theirs, None
            stored(context, opened, name)

        recipe_save.conflict(theirs, opened.text, take=take, insist=insist, key="recipe:conflict")
    if name:
        recipe_save.draw_run(name)


def stored(context: PageContext, opened: OpenRecipe, name: str) -> bool:
    """Save the text. Gives whether that is done; else the difference is shown."""
    before = opened.before if opened.file == name else None
    opened.conflict = recipe_save.save(context, name, opened.text, before)
    if opened.conflict is None:
        opened.file, opened.before, opened.opened = name, opened.text, opened.text
    return opened.conflict is None


page(session.here())
