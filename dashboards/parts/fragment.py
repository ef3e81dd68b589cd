"""A part of a page that draws itself again alone: an edit in it redraws nothing around it.

Streamlit catches what such a part raises before the page can, so the part handles errors itself, as a page does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from curation.disk.damage import explaining
from curation.disk.states import ReplacedError
from curation.errors import CurationError
from dashboards import session
from dashboards.markup import plain

P = ParamSpec("P")


def fragment(draw: Callable[P, None], run_every: float | None = None) -> Callable[P, None]:
    """`st.fragment` with the errors of a page: the whole page starts again when its corpus or map was replaced.

    With `run_every` it draws itself again after so many seconds.
    """

    @st.fragment(run_every=run_every)
    @functools.wraps(draw)
    def guarded(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            with explaining(session.workspace()):
                draw(*arguments, **options)
        except ReplacedError:
            st.rerun(scope="app")
        except CurationError as error:
            st.error(plain(str(error)))

    return guarded
