"""From a bar to its posts, and back by the address."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from curation.corpus.corpus import Corpus
from dashboards.queries.browse import PAGE
from tests.browser.test_every_page import address

#: The posts of a page.
POSTS = ".posts article"
AUTHOR = "tiny_aperture_notes"


def test_a_click_on_a_bar_shows_its_posts(visits, sample):
    """A bar of the waterfall leads to Browse with that rule chosen, and to as many posts as the bar said."""
    visitor = visits(sample).goes()
    removed = Corpus.open(sample, "baseline").rows("SELECT count(*) FROM posts WHERE removed_by = 'min_words'")[0][0]
    bar = visitor.page.locator('svg path[aria-label*="Short posts"]').last
    visitor.does(lambda: bar.click(force=True), f"() => document.querySelector('{POSTS}')")
    assert urlsplit(visitor.page.url).path == "/browse"
    assert parse_qs(urlsplit(visitor.page.url).query)["verdict"] == ["min_words"]
    assert int(visitor.metric("Posts in view")) == removed
    assert visitor.page.locator(POSTS).count() == min(removed, PAGE)
    # One step there, so one step back.
    visitor.comes_to(visitor.page.go_back, "Overview")
    assert (urlsplit(visitor.page.url).path, urlsplit(visitor.page.url).query) == ("/", "")
    visitor.does(visitor.page.go_forward, f"() => document.querySelector('{POSTS}')")
    assert int(visitor.metric("Posts in view")) == removed


def test_an_address_restores_the_view(visits, sample):
    """Conditions that one browser chose, another one finds at the same address, with the same posts."""
    words = {"corpus": "strict", "author": AUTHOR, "verdict": "kept", "q": "the", "order": "oldest"}
    there = address("browse", **words)
    first, second = (visits(sample).goes(there) for _ in range(2))
    corpus = Corpus.open(sample, "strict")
    [(posts,)] = corpus.rows(
        "SELECT count(*) FROM posts WHERE author = ? AND removed_by IS NULL"
        r" AND (regexp_matches(text, '(?i)\bthe\b') OR regexp_matches(raw_text, '(?i)\bthe\b'))",
        [AUTHOR],
    )
    assert posts
    assert first.page.get_by_label("Search", exact=True).input_value() == "the"
    assert int(first.metric("Posts in view")) == posts
    # One more condition, by a click: the address has it, and leads the other browser to it.
    search = first.page.get_by_label("Search", exact=True)
    search.fill("star")
    first.does(lambda: search.press("Enter"), "() => location.search.includes('q=star')")
    second.goes(first.page.url.removeprefix(first.dashboard.url))
    first.waits()
    assert second.metric("Posts in view") == first.metric("Posts in view") != str(posts)
    shown = [[one.inner_text() for one in visitor.page.locator(POSTS).all()] for visitor in (first, second)]
    assert shown[0] == shown[1]


def test_the_keyboard_alone_reaches_the_search_and_the_facets(visits, sample):
    """With Tab one comes to the pages, the corpus, the search box and every post's buttons."""
    visitor = visits(sample).goes(address("browse", author=AUTHOR, verdict="min_words"))
    reached = set()
    for _ in range(90):
        visitor.page.keyboard.press("Tab")
        reached.add(
            visitor.page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.getAttribute('aria-label') || at.innerText || at.tagName; }"
            ).strip()
        )
    for control in ("Overview", "Search", "Details"):
        assert any(control in name for name in reached), (control, reached)
