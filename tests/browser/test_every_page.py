"""What holds of every page, whatever it shows."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

import dashboards
from tests.browser.readable import faint, nameless, overflowing
from tests.cli.shell import inside

#: Every page that there is, by the name of its file.
PAGES = sorted(path.stem for path in Path(dashboards.__file__).with_name("pages").glob("[!_]*.py"))

#: A telephone, and a window at night.
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}


def address(page: str, **words: str) -> str:
    """Where a page lies."""
    asked = "&".join(f"{name}={value}" for name, value in words.items())
    return ("/" if page == "overview" else f"/{page}") + (f"?{asked}" if asked else "")


@pytest.mark.parametrize("page", PAGES)
def test_it_opens_and_can_be_read(visits, sample, page):
    """It asks nobody outside, headings skip no level, all can be read and has a name; also in dark, 390 pixels wide."""
    visitor = visits(sample).goes(address(page))
    levels = visitor.page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(at => +at.tagName[1])")
    assert all(after <= before + 1 for before, after in pairwise([0, *levels]))
    assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])
    visitor.takes_a_telephone().goes(address(page))
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") != (
        "rgb(255, 255, 255)"
    )
    assert (faint(visitor.page), overflowing(visitor.page)) == ([], [])
    assert visitor.page.locator(".frame b").inner_text() == "baseline"


def test_a_long_place_fits_a_telephone(visits, tmp_path):
    """The name of a file that posts came from is broken where it does not fit, though it has no blank."""
    folder = tmp_path / ("a_folder_whose_name_does_not_fit_on_a_telephone" * 3)
    folder.mkdir()
    posts = [{"id": str(n), "text": f"the {n}th lamp by the gate", "author": "mira"} for n in range(3)]
    (folder / "posts.jsonl").write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    for words in (["collect", "file", str(folder / "posts.jsonl")], ["run"]):
        assert inside(*words, data=tmp_path / "data").rc == 0
    visitor = visits(tmp_path / "data", **PHONE).goes()
    assert folder.name in visitor.text
    assert overflowing(visitor.page) == []


def test_every_page_is_in_the_navigation(visits, sample):
    """The list of pages leads to each of them."""
    visitor = visits(sample).goes()
    links = visitor.page.locator('[data-testid="stSidebarNavLink"]')
    assert sorted(link.get_attribute("href").rpartition("/")[2] or "overview" for link in links.all()) == PAGES
