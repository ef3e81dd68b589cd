"""The recipe `huggingtweets` against the same steps in plain Python, as they were described."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.recipes.recipe import Recipe
from tests import strategies
from tests.judge import run_files, write_raw

LEAST_WORDS = 3


def is_retweet(post: dict[str, Any]) -> bool:
    """Flagged, or beginning with `RT @`."""
    return bool(post.get("is_repost")) or post["text"].startswith("RT @")


def cleaned(text: str) -> str:
    """The text as the model was to see it: entities, links, runs of spaces, then all blanks."""
    for entity, character in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, character)
    for scheme in ("http:", "https:"):
        link = scheme + r"\S+"
        for removal in (f" {link}", f"{link} ", f"\n{link} ", f"\n{link}", link):
            text = re.sub(removal, "", text)
    text = re.sub(" +", " ", text)
    return " ".join(text.split())


def is_short(text: str) -> bool:
    """Fewer than three words without `http`, `@`, `#`."""
    words = [word.lower() for word in text.split()]
    return sum(not any(mark in word for mark in ("http", "@", "#")) for word in words) < LEAST_WORDS


def reference(posts: list[dict[str, Any]]) -> tuple[dict[str, int], list[str]]:
    """How many posts went as what, and the texts of the kept ones in their order."""
    counts = {"retweet": 0, "min_words": 0}
    texts = []
    for post in posts:
        text = cleaned(post["text"])
        if is_retweet(post):
            counts["retweet"] += 1
        elif is_short(text):
            counts["min_words"] += 1
        else:
            texts.append(text)
    return counts, texts


def by_recipe(posts: list[dict[str, Any]]) -> tuple[dict[str, int], list[str]]:
    """The same by the shipped recipe."""
    with tempfile.TemporaryDirectory() as name:
        raw = write_raw(Path(name) / "raw.parquet", posts)
        judged = run_files([raw], Recipe.load("huggingtweets"), Path(name))
    counts = {name: sum(post["removed_by"] == name for post in judged) for name in ("retweet", "min_words")}
    return counts, [post["text"] for post in judged if post["removed_by"] is None]


#: What the five removals, the blanks and the counting may stumble over.
NASTY = (
    "http:", "https:", "HTTP:", "Https:", "http", "https", "HTTP", "hTtP", "ttp:", "p:", ":", "//", "/", "s", "http:a",
    "https:a", "http:http:", "hthttp:x", "http:\u3000x", "https:\u200b",
    "&amp;", "&lt;", "&gt;", "&amp;lt;", "&amp;gt;",
    "&amp;amp;", "amp;", "lt;", "&", ";", "http&amp;:", "&lt", "@", "#", "＠", "＃",
    "RT @", "RT", "a", "b", "c", "word",
    "İ", "ı", "ſ", "K", "ß", "Σ", "𝐡𝐭𝐭𝐩", "ｈｔｔｐ", "ħttp",
    "\x00", "\u200b", "\ufeff", "\u180e", "\u2060", "\\", "\\S", "^", "$",
)  # fmt: skip


@st.composite
def nasty_texts(draw: st.DrawFn) -> str:
    """Three words to live on, and up to a dozen pieces glued by blanks or by nothing around them."""
    blanks = st.sampled_from((" ", " ", "\n", "", "", "  ", "\r\n", *strategies.BLANKS))
    pieces = draw(st.lists(st.tuples(st.sampled_from(NASTY), blanks), max_size=12))
    words = draw(st.sampled_from(("", "one two three ", "one two ", "RT @a one two three")))
    return words + "".join(piece + blank for piece, blank in pieces)


def tables(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Posts of these texts, some of them flagged."""
    post = st.fixed_dictionaries(
        {"text": texts, "is_repost": strategies.FLAGS, "text_format": st.sampled_from(("escaped", "plain", "unknown"))}
    )
    return st.lists(post, min_size=1, max_size=80)


@given(tables(st.one_of(nasty_texts(), strategies.texts())))
@example([{"text": f"one{blank}two{blank}three http:x{blank}y {blank}z"} for blank in strategies.BLANKS])
@example([{"text": "a b c\nhttps:x y"}, {"text": "http:a http:b c d e"}, {"text": "hthttp:x tp:y a b c"}])
@example([{"text": "one two three httphttps:x :y"}])
@example([{"text": "a b &amp;lt;"}, {"text": "a b HTTPS:c"}, {"text": "a b K@"}, {"text": ""}])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_recipe_does_what_the_original_did(posts: list[dict[str, Any]]) -> None:
    """The same posts go for the same reason, and the others have the same text, character by character."""
    assert by_recipe(posts) == reference(posts)


def test_copies_stay() -> None:
    """The original had no dedup."""
    posts = [{"text": "one two three"}, {"text": "one two three"}]
    assert by_recipe(posts) == ({"retweet": 0, "min_words": 0}, ["one two three"] * 2)


def test_retweets_go_before_short_posts() -> None:
    """A short retweet counts as a retweet."""
    assert by_recipe([{"text": "RT @a no"}]) == ({"retweet": 1, "min_words": 0}, [])


def test_the_prefix_is_asked_of_the_text_as_it_was_downloaded() -> None:
    """A text that begins with `RT @` only once its entities or its links are replaced is no retweet."""
    posts = [{"text": "http:x RT @a one two three"}]
    assert by_recipe(posts) == ({"retweet": 0, "min_words": 0}, ["RT @a one two three"])
