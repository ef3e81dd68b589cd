"""What only wraps a link goes with it: what is promised of every text."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import CurationError
from curation.rules import link_wrappers
from curation.rules.cleanup import StripUrls

LINK = "https://example.org/a"
PIECES = (
    LINK, "http://x", "www.example.org", "https://", "http:///", "(", ")", "[", "](", "]", "<", ">", "“", "”", '"', "'",
    "«", "»", "「", "」", "（", "）", "→", "👉", "🏽", "->", "<-", "via ", "via @ada ", "fog", "霧", "ضباب", "туман",
    " ", " ", " ", "\n", "\u00a0", "\u200b", "-", "–", "|", ",", ".", "…", "*", "_", "`", "!", "`",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
WORDS = re.compile("fog|霧|ضباب|туман|@ada")
STRIP, KEEP = StripUrls(wrappers="strip"), StripUrls()
CONNECTION = duckdb.connect(config={"threads": 1})


def rewritten(given: list[str], rewrite: str, when: str) -> list[str]:
    """The texts as a rule makes them."""
    CONNECTION.register("posts", pa.table({"text": given, "number": list(range(len(given)))}))
    query = f"SELECT CASE WHEN {when} THEN {rewrite} ELSE text END FROM posts ORDER BY number"
    return [row[0] for row in CONNECTION.sql(query).fetchall()]


@given(st.lists(texts, min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_word_is_lost_and_twice_is_once(given: list[str]) -> None:
    """A word that stays without the new parameter stays with it, and nothing is left to do."""
    once = rewritten(given, STRIP.rewrite(), STRIP.when())
    assert rewritten(once, STRIP.rewrite(), STRIP.when()) == once
    for before, plain, after in zip(given, rewritten(given, KEEP.rewrite(), KEEP.when()), once, strict=True):
        assert len(WORDS.findall(after)) >= len(WORDS.findall(plain)), before


@given(st.lists(texts, min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_the_test_before_it_misses_nothing(given: list[str]) -> None:
    """Where it is false, no wrapper would have gone."""
    whole = rewritten(given, f"trim({link_wrappers.without_wrapped_links('text')})", STRIP.when())
    assert rewritten(given, STRIP.rewrite(), STRIP.when()) == whole


@pytest.mark.parametrize("wrapper", ["({})", "[{}]", "（{}）", "【{}】", "“{}”", "„{}“", "⟨{}⟩", "{{{}}}"])
@pytest.mark.parametrize("words", ["soft {} fog", "霧{}夜", "ضباب {} مطر", "туман: {}!"])
@pytest.mark.parametrize("inside", [LINK, f" {LINK} ", f"{LINK}.", f"{LINK}\n{LINK}", f"→ {LINK}", f"via {LINK}"])
def test_every_wrapper_goes(wrapper: str, words: str, inside: str) -> None:
    """Whatever the language of the words around it, and of what is held nothing but the link is left out."""
    wrapped = wrapper.format(inside)
    [text] = rewritten([words.format(wrapped)], STRIP.rewrite(), STRIP.when())
    [bare] = rewritten([words.format(LINK)], KEEP.rewrite(), KEEP.when())
    assert text == bare


def test_only_with_the_clean_style() -> None:
    """The original's removals are the original's."""
    with pytest.raises(CurationError, match='wrappers = "strip" needs style = "clean"'):
        StripUrls(style="huggingtweets", wrappers="strip").check()


@pytest.mark.parametrize(
    "hostile", ["(" * 50_000, "«" * 50_000, "[a](" * 20_000, "→ \n" * 20_000, "via " * 20_000, "»" * 50_000]
)
def test_long_texts_take_no_longer_than_they_must(hostile: str) -> None:
    """Time is linear in the text, with a link before, in the middle and behind."""
    given = [f"{LINK} {hostile} {LINK} {hostile} ({LINK})"]
    assert len(rewritten(given, STRIP.rewrite(), STRIP.when())[0]) <= len(given[0])
