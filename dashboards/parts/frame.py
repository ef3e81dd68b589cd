"""The line above every page: which corpus this is, by which recipe, and whether it is up to date."""

from __future__ import annotations

import html

import streamlit as st

from curation.disk.workspace import Workspace
from curation.writing.html import escaped
from dashboards import session
from dashboards.queries.standing import standing
from dashboards.snapshot import Snapshot
from dashboards.view import View


def draw(space: Workspace, snapshot: Snapshot) -> None:
    """Draw the line; it stays at the top of the window."""
    corpus, recipe = snapshot.corpus.recipe, snapshot.manifest["recipe"]["name"]
    pieces = [f'<span class="wide">Corpus</span> <b><bdi>{escaped(corpus, 40)}</bdi></b>']
    address = html.escape(session.address("recipe", View(corpus=corpus)))
    pieces.append(
        f'<span class="wide">recipe <a href="{address}" target="_self"><bdi>{escaped(recipe, 40)}</bdi></a></span>'
    )
    if lacks := standing(space, snapshot, session.rule_book()).words:
        words = escaped("; ".join(lacks))
        address = html.escape(session.address("collect", View(corpus=corpus)))
        pieces.append(
            f'<a class="behind" href="{address}#curate" target="_self" title="{words}. Run the recipe again.">'
            f'out of date<span class="wide">: {words}</span></a>'
        )
    with st.container(key="frame"):
        st.html(f'<div class="frame">{" ".join(pieces)}</div>')
