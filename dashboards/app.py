"""The dashboard's frame: navigation, the choice of the corpus, and what to do without one."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts the folder of this file on the path, not the one that the package lies in.
sys.path[:0] = [folder for folder in [str(Path(__file__).parent.parent)] if folder not in sys.path]

from curation.corpus.corpus import Corpus  # noqa: E402
from curation.disk.damage import explaining  # noqa: E402
from curation.disk.states import ATTEMPTS, ReplacedError  # noqa: E402
from curation.errors import CurationError  # noqa: E402
from dashboards import session  # noqa: E402
from dashboards.markup import plain, script, style  # noqa: E402
from dashboards.parts import frame, importing, job_panel  # noqa: E402
from dashboards.snapshot import Snapshot  # noqa: E402

PAGES = {
    "Read": {
        "overview": "Overview",
        "browse": "Browse",
        "decide": "Decide",
        "words": "Words",
        "map": "Map",
    },
    "Check": {
        "repairs": "Repairs",
        "duplicates": "Duplicates",
        "sql": "SQL",
    },
    "Change": {
        "compare": "Compare",
        "recipe": "Recipe",
        "rules": "Thresholds and rules",
    },
    "Use": {
        "export": "Export",
        "training": "Training",
        "collect": "Import",
    },
}
FOLDER = Path(__file__).parent / "pages"


def main() -> None:
    """Draw the frame and the page in it."""
    st.set_page_config(page_title="curation", page_icon=str(FOLDER.parent / "icon.png"), layout="wide")
    st.html(style())
    with st.container(key="unseen"):
        st.html(f"<script>{script()}</script>", unsafe_allow_javascript=True)
    st.logo(str(FOLDER.parent / "mark.svg"), size="small")
    groups = {group: [_page(*each) for each in names.items()] for group, names in PAGES.items()}
    page = st.navigation(groups, expanded=True)
    try:
        recipes = session.workspace().recipes_run()
        if not recipes:
            importing.draw()
            return
        st.session_state["snapshot"] = Snapshot(Corpus.open(session.workspace(), chosen(recipes)))
        frame.draw(session.workspace(), st.session_state["snapshot"])
        with explaining(session.workspace()):
            page.run()
        st.session_state.pop("attempts", None)
    except ReplacedError:
        # The script starts again, with the corpus that is there now.
        attempts = st.session_state["attempts"] = st.session_state.get("attempts", 0) + 1
        if attempts <= ATTEMPTS:
            st.rerun()
        st.session_state.pop("attempts")
        st.info("Runs keep replacing this corpus. Wait until they end, then reload the page.")
    except CurationError as error:
        st.error(plain(str(error)))


def _page(name: str, title: str) -> st.Page:
    path, first = FOLDER / f"{name}.py", name == "overview"
    return st.Page(path, title=title, url_path="" if first else name, default=first)


def chosen(recipes: list[str]) -> str:
    """Draw the choice of a corpus. Gives the one in the address, else the usual one."""
    requested = st.query_params.get("corpus", "")
    current = requested if requested in recipes else session.usual(recipes)
    if requested and requested not in recipes:
        st.warning(f"There is no corpus {plain(requested)} here; this is {plain(current)}.")
    with st.sidebar:
        picked = st.selectbox(
            "Corpus",
            recipes,
            index=recipes.index(current),
            key=f"corpus:{current}",
        )
        st.caption(f"Workspace {plain(str(session.workspace().root))}")
        job_panel.draw_running()
    if picked != current:
        st.query_params.from_dict({"corpus": picked})
        st.rerun()
    return current


main()
