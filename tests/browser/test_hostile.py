"""Posts that try something are text on every page: nothing of theirs runs, loads, moves or hides anything."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from dashboards.markup import show_unseen
from tests import hostile
from tests.browser.readable import overflowing
from tests.browser.test_every_page import PAGES

#: What a page holds that a post has put there: scripts that ran, and elements that can only be a post's.
PUT_THERE = """() => {
  const found = [];
  if (window.__hit !== undefined) found.push('a script ran');
  for (const at of document.querySelectorAll('*')) {
    for (const name of at.getAttributeNames()) {
      const value = at.getAttribute(name);
      if (/^on/.test(name) && /__hit/.test(value)) found.push(`${at.tagName} ${name}`);
      if (/^(href|src|action|srcdoc)$/.test(name) && /javascript:|OUTSIDE/.test(value))
        found.push(`${at.tagName} ${value}`);
    }
    if (['SCRIPT', 'STYLE', 'IFRAME'].includes(at.tagName) && /__hit|display: none !important/.test(at.textContent))
      found.push(at.tagName);
  }
  if (document.querySelector('.katex')) found.push('mathematics');
  return found;
}""".replace("OUTSIDE", hostile.OUTSIDE)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_theirs_acts_on_a_page(visits, attacked, page):
    """On every page, wide and on a telephone, a hostile corpus shows itself as text."""
    words = "?" + urlencode({"corpus": "hostile"})
    visitor = visits(attacked)
    for _ in range(2):
        visitor.goes(("/" if page == "overview" else f"/{page}") + words)
        assert (visitor.page.evaluate(PUT_THERE), overflowing(visitor.page)) == ([], [])
        assert visitor.page.locator("h1").first.is_visible()
        visitor.takes_a_telephone()


@pytest.mark.skipif("browse" not in PAGES, reason="there is no such page")
def test_every_one_of_them_can_be_read_in_full(visits, attacked):
    """Each hostile post, opened by its address, shows its author and text letter by letter."""
    visitor = visits(attacked)
    for row in hostile.HOSTILE[: len(hostile.TEXTS) : 6]:
        visitor.goes("/browse?" + urlencode({"corpus": "baseline", "post": f"file:{row['id']}"}))
        # As white space is collapsed by `inner_text`, so here.
        said = " ".join(visitor.text.split())
        assert visitor.page.evaluate(PUT_THERE) == []
        assert " ".join(show_unseen(row["text"]).split())[:300] in said, row["id"]
        assert " ".join(show_unseen(row["author"]).split()) in said, row["id"]


@pytest.mark.skipif("browse" not in PAGES, reason="there is no such page")
def test_what_an_address_says_is_text_too(visits, attacked):
    """A search, a facet, a post and a corpus that an address names do nothing, whatever their names are."""
    visitor = visits(attacked)
    tried = (
        f"<img src=x onerror={hostile.HIT}> [l](javascript:{hostile.HIT}) '; drop table posts; -- % _ \\ $x$ :red[r]"
    )
    for name in ("q", "author", "verdict", "post", "corpus", "order", "matched"):
        visitor.goes("/browse?" + urlencode({name: tried}))
        assert visitor.page.evaluate(PUT_THERE) == []
