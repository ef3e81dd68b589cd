"""What comes after an import: curate the posts with a recipe."""

from __future__ import annotations

import streamlit as st

from curation.disk.workspace import Workspace
from curation.recipes.recipe import DEFAULT, Recipe, shipped
from dashboards import jobs, session
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import job_panel


def draw(space: Workspace) -> None:
    """Draw the choice of a recipe, and the runs that were started here."""
    corpora = space.recipes_run()
    st.header("Curate them again" if corpora else "Curate them", anchor="curate")
    recipes = {name: Recipe.load(name) for name in shipped()}
    if corpora:
        st.caption("A corpus has the posts that had landed when its recipe was run.")
    name = st.selectbox(
        "Recipe",
        list(recipes),
        index=list(recipes).index(DEFAULT),
        key="import:recipe",
    )
    recipe = recipes[str(name)]
    st.caption(plain(" ".join(recipe.description.split())))
    st.caption("Rules in order: " + " → ".join(plain(rule.label) for rule in recipe.rules))
    if st.button(f"Run {plain(recipe.name)}", type="primary", key="import:run"):
        jobs.start(f"run:{name}", f"Run {name}", ["run", *session.rules_option(), str(name)])
        st.rerun()
    runs = [job for job in jobs.registry().all() if job.key.startswith("run:")]
    for job in [job for job in runs if job.is_running] or runs[:1]:
        job_panel.draw(job, after=_open)


def _open(job: Job) -> None:
    name = job.key.partition(":")[2]
    counts = (job.result or {}).get("counts", {})
    if counts:
        st.markdown(f"**{counts['kept']:,} of {counts['downloaded']:,} posts are kept.**")
    if st.button("Open Overview", key=f"import:open:{job.id}", type="primary"):
        st.switch_page("pages/overview.py", query_params={"corpus": name})
