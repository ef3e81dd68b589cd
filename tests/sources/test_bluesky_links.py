"""Links that an app shortened in the text of a post of Bluesky are whole in the row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.sources.records.bluesky_links import whole_links
from curation.sources.records.bluesky_posts import row_of_feed_item, row_of_record

from .test_bluesky_posts import DID, URI, record, view

ADDRESS = "https://example.org/some/very/long/path?x=1"
SHORT = "example.org/some/very/lo..."
LINK = "app.bsky.richtext.facet#link"


def facet(start: Any, end: Any, uri: Any = ADDRESS, kind: str = LINK) -> dict[str, Any]:
    """A facet of the bytes from `start` to `end`."""
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": kind, "uri": uri}]}


def linked(text: str, words: str, uri: str = ADDRESS) -> list[dict[str, Any]]:
    """The facet of the words in the text."""
    start = text.encode().index(words.encode())
    return [facet(start, start + len(words.encode()), uri)]


@pytest.mark.parametrize("before", ["", "Läs här 🫖 ", "اقرأ هذا: ", "これを読んで：", "Прочти — ", "👩‍👩‍👧 อ่าน "])
@pytest.mark.parametrize("after", ["", ", and tea 🍵", "。", " · ಚಹಾ"])
def test_a_shortened_link_is_whole_whatever_stands_around_it(before: str, after: str) -> None:
    """Offsets count bytes of UTF-8, so letters of any script and emoji do no harm."""
    text = f"{before}{SHORT}{after}"
    assert whole_links(text, {"facets": linked(text, SHORT)}) == f"{before}{ADDRESS}{after}"


@pytest.mark.parametrize(
    ("shown", "uri", "whole"),
    [
        ("example.org/some…", ADDRESS, ADDRESS),
        (
            "www.example.org/a-very-long...",
            "https://example.org/a-very-long-way",
            "https://example.org/a-very-long-way",
        ),
        ("https://example.org/some/ve...", ADDRESS, ADDRESS),
        ("example.org/…/path?x=1", ADDRESS, ADDRESS),
        ("example.org", "https://example.org/", "https://example.org/"),
        ("example.org/a..b/c...", "https://example.org/a..b/cde", "https://example.org/a..b/cde"),
        (
            "例え.example/霧の…",
            "https://例え.example/霧の中",
            "https://%E4%BE%8B%E3%81%88.example/%E9%9C%A7%E3%81%AE%E4%B8%AD",
        ),
        ("example.org/%E9%9C%A7...", "https://example.org/%E9%9C%A7/x", "https://example.org/%E9%9C%A7/x"),
        (ADDRESS, ADDRESS, ADDRESS),
        ("my essay on tea...", ADDRESS, "my essay on tea..."),
        ("هذا", ADDRESS, "هذا"),
        ("example.net/some/ve...", ADDRESS, "example.net/some/ve..."),
    ],
)
def test_words_that_are_no_address_stay(shown: str, uri: str, whole: str) -> None:
    """A link is whole where its words are its address or a shortening of it; named links keep their words."""
    text = f"→ {shown} ←"
    assert whole_links(text, {"facets": linked(text, shown, uri)}) == f"→ {whole} ←"


TEXT = f"Ärgerlich: {SHORT} und mehr 🍵"
START = len("Ärgerlich: ".encode())
END = START + len(SHORT)


@pytest.mark.parametrize(
    "facets",
    [
        [facet(START, 9000)],
        [facet(9000, 9001)],
        [facet(END, START)],
        [facet(START, START)],
        [facet(-5, END)],
        [facet(1, END)],
        [facet(START, END, "at://did:plc:adaexample/app.bsky.feed.post/3k")],
        [facet(START, END, "javascript:alert(1)")],
        [facet(START, END, "https://example.org/some/very/long road")],
        [facet(START, END, ADDRESS, "app.bsky.richtext.facet#mention")],
        [facet(START, END, ADDRESS, "app.bsky.richtext.facet#tag")],
        [facet(float(START), END)],
        [facet(str(START), str(END))],
        [facet(True, END)],
        [facet(START, END, None)],
        [{"index": [START, END], "features": [{"$type": LINK, "uri": ADDRESS}]}],
        [{"features": {"$type": LINK, "uri": ADDRESS}}],
        [None, 3, "x", []],
        "facets",
        {"0": facet(START, END)},
    ],
)
def test_a_broken_facet_changes_nothing(facets: Any) -> None:
    """Beyond the text, backwards, empty, within a letter, of another kind, of another type."""
    assert whole_links(TEXT, {"facets": facets}) == TEXT
    good = facets if isinstance(facets, list) else []
    assert whole_links(TEXT, {"facets": [*good, facet(START, END)]}) == TEXT.replace(SHORT, ADDRESS)


def test_of_links_that_overlap_the_first_counts() -> None:
    """Whatever their order in the record, and those behind them are still found."""
    text = f"{SHORT} and {SHORT}"
    second = facet(len(SHORT) + 5, len(text))
    for facets in ([facet(0, len(SHORT)), facet(0, len(SHORT) + 3), second], [second, facet(0, len(SHORT))]):
        assert whole_links(text, {"facets": facets}) == f"{ADDRESS} and {ADDRESS}"


def test_entities_of_the_first_years_count_utf_16() -> None:
    """Before there were facets, an entity named the place of a link as JavaScript counts."""
    text = f"🫖 ä {SHORT}"
    entity = {"index": {"start": 5, "end": 5 + len(SHORT)}, "type": "link", "value": ADDRESS}
    assert whole_links(text, {"entities": [entity]}) == f"🫖 ä {ADDRESS}"
    for index in ({"start": 1, "end": 5}, {"start": 5, "end": 500}, {"start": "5"}, None):
        assert whole_links(text, {"entities": [entity | {"index": index}]}) == text


def test_rows_have_whole_links() -> None:
    """In a feed, in a repository, and in a repost; the record itself stays as it was."""
    post = record(text=f"Läs {SHORT}", facets=linked(f"Läs {SHORT}", SHORT))
    assert row_of_feed_item({"post": view(record=post)})["text"] == f"Läs {ADDRESS}"
    assert row_of_record(URI, post, DID)["text"] == f"Läs {ADDRESS}"
    assert post["text"] == f"Läs {SHORT}"


@given(
    st.text(st.sampled_from("aä🍵…./ \ud83d霧"), max_size=20),
    st.lists(st.tuples(st.integers(-2, 40), st.integers(-2, 40), st.sampled_from([ADDRESS, "https://ä/\ud83d…"]))),
)
@settings(max_examples=60, deadline=None)
def test_no_facet_raises(text: str, places: list[tuple[int, int, str]]) -> None:
    """Whatever stands in the record; text that no facet names is there afterwards."""
    facets = [facet(*place) for place in places]
    entities = [{"type": "link", "index": {"start": a, "end": b}, "value": uri} for a, b, uri in places]
    assert isinstance(whole_links(text, {"facets": facets}), str)
    assert isinstance(whole_links(text, {"entities": entities}), str)
