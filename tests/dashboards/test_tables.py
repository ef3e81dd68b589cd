"""Tables as HTML: what names a row at the left, figures at the right."""

from __future__ import annotations

import re

import pytest

from dashboards.markup import table


def figures(cells: list[str]) -> bool:
    """Whether a column of these cells is drawn as figures."""
    html = table(["Name", "Column"], [["a", cell] for cell in cells])
    return bool(re.search('<td class="figure">', html))


@pytest.mark.parametrize(
    "cells",
    [
        ["1,234", "5"],
        ["88.6%", "–"],
        ["≈ 1,031", "at most 8 (+1)"],
        ["−3", "+14,887"],
        ["2.155"],
        ["12.3 M"],
        ["7 (+0)"],
    ],
)
def test_columns_of_figures_are_aligned_at_their_ends(cells):
    """Counts, shares, estimates, differences, and a dash for none."""
    assert figures(cells)


@pytest.mark.parametrize("cells", [["kept", "12"], ["removes 12"], ["2019-04"], [""], ["min = 3"], ["3 to 5"]])
def test_other_columns_are_words(cells):
    """One cell of words makes a column of words."""
    assert not figures(cells)


def test_the_first_cell_names_its_row():
    """A screen reader reads it with each figure; its text is no markup."""
    html = table(["Rule", "Posts"], [["<b>x</b>", "3"]], ["browse?verdict=x"])
    assert '<th scope="row" dir="auto"><a href="browse?verdict=x" target="_self">&lt;b&gt;x&lt;/b&gt;</a></th>' in html
