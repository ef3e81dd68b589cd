"""What comes after an import: curate the posts with a recipe."""

from __future__ import annotations

import streamlit as st

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.recipes.recipe import DEFAULT, Recipe, shipped
from curation.recipes.recipe_files import recipe_files
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import job_panel
from dashboards.parts.choosing import one_line


def draw(space: Workspace) -> None:
    """Draw the choice of a recipe, and the runs that were started here."""
    corpora = space.recipes_run()
    st.header("Curate them again" if corpora else "Curate them", anchor="curate")
    offered = recipes(space)
    if corpora:
        st.caption("A corpus has the posts that had landed when its recipe was run.")
    name = st.selectbox(
        "Recipe",
        list(offered),
        index=list(offered).index(DEFAULT),
        key="import:recipe",
        format_func=lambda name: one_line(f"{name} · {offered[name]}"),
    )
    try:
        recipe = recipe_called(space, str(name))
    except CurationError as error:  # somebody wrote a mistake into its file, or its rules are unknown here
        st.error(plain(str(error)))
        return
    st.caption(plain(" ".join(recipe.description.split())))
    st.caption("Rules in order: " + " → ".join(plain(rule.label) for rule in recipe.rules))
    if st.button(f"Run {plain(recipe.name)}", type="primary", key="import:run"):
        jobs.start(f"run:{recipe.name}", f"Run {name}", ["run", *session.rules_option(), str(name)])
        st.rerun()
    runs = [job for job in jobs.registry().all() if job.key.startswith("run:")]
    for job in [job for job in runs if job.is_running] or runs[:1]:
        job_panel.draw(job, after=_open)


def recipes(space: Workspace) -> dict[str, str]:
    """The recipes to choose from and what each is: the workspace's own, shipped ones, and those of its corpora."""
    named = {**dict.fromkeys(recipe_files(space), "in this workspace"), **dict.fromkeys(shipped(), "shipped")}
    others = {name: "as its corpus was made" for name in space.recipes_run() if name not in named}
    return {**named, **others}


def recipe_called(space: Workspace, name: str) -> Recipe:
    """A recipe to choose, by its name. Raises `CurationError`."""
    book = session.rule_book()
    if name in {*shipped(), *recipe_files(space)}:
        return Recipe.load(name, book=book, folder=space.recipes)
    return Recipe.of_manifest(Corpus.open(space, name).manifest, book=book)


def _open(job: Job) -> None:
    name = job.key.partition(":")[2]
    counts = (job.result or {}).get("counts", {})
    if counts:
        st.markdown(f"**{counts['kept']:,} of {count(counts['downloaded'], 'post is', 'posts are')} kept.**")
    if st.button("Open Overview", key=f"import:open:{job.id}", type="primary"):
        st.switch_page("pages/overview.py", query_params={"corpus": name})
