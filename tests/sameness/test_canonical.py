"""The canonical text and the skeleton, against plain Python."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.functions import patterns
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.skeleton import skeleton, words
from curation.sql import database

LINK = re.compile(r"(?ia)(?:https?://|\bwww\.)[!#-;=?-~]*[a-z0-9/_=&#%~+$@*-]")
PICTURE = re.compile(
    "[\u20e3\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe00-\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
UNSEEN = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
MENTION = re.compile(rf"(?:(?<![A-Za-z0-9_]){patterns.MENTION}[ \t]*)+")
TAGS_AT_END = re.compile(r"(?:\s*[#＃]\w+)+\s*$")

#: What posts are made of, with what is easily got wrong.
PIECES = (
    "The", "ferry", "ÉTÉ", "straße", "ПАРОМ", "渡し船", "soooo", "aaa", "!!!", "....", "…", "10000", "#harbour", "#港",
    "＃tag", "@nils", "＠nils", "mira@example.org", "https://example.org/aaaa", "www.example.org", "🛥️",
    "👩🏽‍🚀", "RT @mira: ", "RT", "soft\u00adfog", "\u200b", "ｗｗｗｗ", "あああ", "笑笑笑", "?",
    " ", "  ", "\n", "\u3000", "\t", "\0", "'", "_", "-",
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.lists(st.sampled_from(PIECES)).map("".join)


def reference(text: str) -> str:
    """The canonical text, one step after the other, without a single test beforehand."""
    text = LINK.sub(" ", text.lower())
    text = re.sub(r"\.{3,}", "..", text)
    text = PICTURE.sub(" ", UNSEEN.sub("", text))
    text = re.sub(r"([^\d\s])\1{2,}", r"\1\1", text)
    text = re.sub(r"^\s*rt:?\s*[@＠][a-z0-9_]+\s*:?", "", text)
    text = MENTION.sub(" ", text)
    text = re.sub("[#＃]", "", TAGS_AT_END.sub("", text))
    return " ".join(text.split())


def asked(expression: str, texts: list[str]) -> list:
    """The values of a SQL expression over the column `text`."""
    with contextlib.closing(database.connect(threads=1)) as connection:
        SHORTEN_REPETITIONS.register(connection)
        found = connection.execute(
            f"SELECT {expression} FROM (SELECT unnest($1::VARCHAR[]) AS text, unnest(range(len($1::VARCHAR[]))) AS n) "
            "ORDER BY n",
            [texts],
        )
        return [value for (value,) in found.fetchall()]


@settings(max_examples=10, deadline=None)
@given(st.lists(texts, min_size=40, max_size=80))
def test_canonical_is_the_reference(some: list[str]) -> None:
    """SQL with its cheap tests gives what Python gives without any."""
    assert asked(canonical("text"), some) == [reference(text) for text in some]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sooooo good!!! https://t.co/x #food", "soo good!!"),
        ("RT @mira: Hello #big World 10000 💕👍🏽 @x @y #c #ｄ https://example.org/b", "hello big world 10000"),
        ("\r\n la  nuit\u3000\u00a0 est ​calme… ", "la nuit est calme…"),
        ("me@mail.example hi @you.", "me@mail.example hi ."),
        ("#only #tags 🎉", ""),
        ("ニュースーーーー　😀です", "ニュースーー です"),
        ("5️⃣ boats", "5 boats"),
    ],
)
def test_canonical(text: str, expected: str) -> None:
    """What is left of some texts."""
    assert asked(canonical("text"), [text]) == [expected]


@pytest.mark.parametrize(
    ("text", "expected", "count"),
    [
        ("I'm at Blue Door Café (12 Elm Street) https://example.org", "@ at @ (0 @ )", 1),
        ("Ran 5.2 km in 31 minutes with #RunLog 🏃", "@ 0 km in 0 minutes with @", 4),
        ("now playing “soft fog” by Mira & Nils on @radio", "now playing @ by @ on @", 4),
        ("本日の散歩は3.2キロでした", "本日の散歩は0キロでした", 6),
        ("It is 7 ° in Élancourt, Ύδρα, Ялта", "@ is 0 ° in @", 2),
        ("", "", 0),
    ],
)
def test_skeleton(text: str, expected: str, count: int) -> None:
    """Names become @, numbers 0, and what is left are words."""
    [found] = asked(skeleton("text"), [text])
    assert found == expected
    assert asked(words("text"), [found]) == [count]
