"""What holds of every page, whatever it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import dashboards
from tests.browser.readable import faint, nameless, overflowing

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
    """It loads without an error or a word to anybody outside, can be read, and whatever acts on it has a name."""
    visitor = visits(sample).goes(address(page))
    assert visitor.page.locator("h1").first.inner_text().strip()
    assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])


@pytest.mark.parametrize("page", PAGES)
def test_it_fits_a_telephone_at_night(visits, sample, page):
    """In dark and 390 pixels wide nothing is cut off, and every text can be read."""
    visitor = visits(sample, **PHONE).goes(address(page))
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") != (
        "rgb(255, 255, 255)"
    )
    for _ in range(10):  # tables find their width a moment after they are drawn
        if not overflowing(visitor.page):
            break
        visitor.page.wait_for_timeout(500)
    assert (faint(visitor.page), overflowing(visitor.page)) == ([], [])


def test_every_page_is_in_the_navigation(visits, sample):
    """The list of pages leads to each of them."""
    visitor = visits(sample).goes()
    links = visitor.page.locator('[data-testid="stSidebarNavLink"]')
    assert sorted(link.get_attribute("href").rpartition("/")[2] or "overview" for link in links.all()) == PAGES
