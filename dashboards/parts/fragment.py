"""A page that draws itself again alone: an edit on it redraws nothing around it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from curation.disk.states import ReplacedError
from curation.errors import CurationError
from dashboards.markup import plain

P = ParamSpec("P")


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """`st.fragment` with the errors of a page: the whole page starts again when its corpus or map was replaced."""

    @st.fragment
    @functools.wraps(draw)
    def guarded(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            draw(*arguments, **options)
        except ReplacedError:
            st.rerun(scope="app")
        except CurationError as error:
            st.error(plain(str(error)))

    return guarded
