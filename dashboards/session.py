"""The context of a page: the workspace, a snapshot of the chosen corpus, and the view that the address names."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from curation.corpus.corpus import Corpus
from curation.corpus.search import parse
from curation.corpus.selection import Facet, facets_of, recording
from curation.disk.workspace import Workspace
from curation.errors import RefusedError
from curation.recipes.verdict import LABELS
from curation.rules import RuleBook
from dashboards.hosts import name_of
from dashboards.snapshot import Snapshot
from dashboards.view import View

#: Variables by which `curation dashboard` names the workspace and the files of the user's own rules.
DATA, RULES = "CURATION_DATA", "CURATION_RULES"
#: The variable by which it says who may write: `local`, `allowed` (`--allow-writes`), or nobody.
WRITES = "CURATION_WRITES"
#: The variable by which it says the name or address of `--host`.
HOST = "CURATION_HOST"
#: Why a visitor may not write.
READ_ONLY = "This dashboard only shows things. Whoever runs it can start it with --allow-writes."


@dataclass(frozen=True)
class PageContext:
    """What a page draws: a workspace, one state of a corpus, and the posts in view."""

    space: Workspace
    snapshot: Snapshot
    view: View

    @property
    def corpus(self) -> Corpus:
        """The corpus."""
        return self.snapshot.corpus

    @functools.cached_property
    def facets(self) -> tuple[Facet, ...]:
        """The facets of the corpus."""
        return facets_of(self.corpus)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each rule, by its name, and of decisions by hand."""
        return {rule["name"]: rule["label"] for rule in self.corpus.rules} | LABELS

    def data_option(self) -> list[str]:
        """The command line's words for the workspace."""
        return ["--data", str(self.space.root)]


def workspace() -> Workspace:
    """The workspace of this server."""
    return Workspace(Path(os.environ.get(DATA) or "data"))


@st.cache_resource
def rule_book() -> RuleBook:
    """All rules, the user's own included."""
    return RuleBook.load([Path(name) for name in os.environ.get(RULES, "").split(os.pathsep) if name])


def rules_option() -> list[str]:
    """The command line's words for the user's own rules."""
    return [word for name in os.environ.get(RULES, "").split(os.pathsep) if name for word in ("--rules", name)]


def may_write() -> bool:
    """Whether the visitor may change the workspace. Every deed asks, and so does whatever draws its button."""
    # On loopback nothing is answered under another name (`dashboards.hosts`).
    return is_local() or writes_from(st.context.headers.get("Host", ""))


def writes_from(host: str) -> bool:
    """Whether somebody may write who reached the server by this name, as a request's `Host`.

    A name of another machine that points here (DNS rebinding) would let any page in the visitor's browser write.
    """
    if os.environ.get(WRITES, "") not in ("local", "allowed"):
        return False
    name = name_of(host)
    own = {
        "localhost",
        os.environ.get(HOST, "localhost").lower(),
        socket.gethostname().lower(),
        socket.getfqdn().lower(),
    }
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return name in own


def is_local() -> bool:
    """Whether only this machine reaches the server, so that a visitor may name files of it."""
    return os.environ.get(WRITES) == "local"


def require_write() -> None:
    """Raise `RefusedError` unless the visitor may write."""
    if not may_write():
        raise RefusedError(READ_ONLY)


def usual(recipes: Sequence[str]) -> str:
    """The corpus that pages show when the address names none."""
    return "baseline" if "baseline" in recipes else recipes[0]


def here(*, any_search: bool = False) -> PageContext:
    """The context of the page that is drawn now. `app.py` chooses the corpus before any page starts.

    Raises `UsageError` for a search that can't be read, unless the page says so itself.
    """
    snapshot: Snapshot = st.session_state["snapshot"]
    names = [facet.name for facet in facets_of(snapshot.corpus)]
    words = {name: st.query_params.get_all(name) for name in st.query_params}
    view = View.parse(words, names, recording(snapshot.manifest))
    if not any_search:
        parse(view.q)
    return PageContext(workspace(), snapshot, view.changed(corpus=snapshot.corpus.recipe))


def go(page: str, view: View) -> NoReturn:
    """Show another page with a view, as `pages/browse.py`."""
    st.switch_page(page, query_params=view.words())


def follow(page: str, view: View) -> None:
    """The same from a callback, where no page can be switched: the next run of the script does it."""
    st.session_state["follow"] = page, view


def go_on() -> None:
    """Show the page that a callback chose, if one did."""
    if chosen := st.session_state.pop("follow", None):
        page, view = chosen
        go(f"pages/{page}.py", view)


def address(page: str, view: View) -> str:
    """The address of a page with a view, as `browse`, for a link in HTML."""
    return f"{page}?{urlencode(view.words(), doseq=True)}"


def show(view: View) -> None:
    """Put another view into the address. The next run of the script draws it."""
    st.query_params.from_dict(view.words())
