"""The terms of a post, text by text."""

from __future__ import annotations

import pytest

from curation.asking.vocabulary import terms
from curation.functions.html_text import HTML_TEXT
from curation.functions.segmentation.lexicon import Lexicon
from curation.functions.segmentation.segment import segmenter
from curation.sql import database

SEGMENT = segmenter(Lexicon({"なるほど": -2.0, "今日": -2.0, "は": -2.0}))


@pytest.fixture(scope="module")
def found():
    """A function that gives the terms of a text: words, and every list by its name."""
    connection = database.connect()
    for function in (SEGMENT, HTML_TEXT):
        function.register(connection)
    lists = ", ".join(f"{each.terms} AS {each.name}" for each in terms.LISTS)

    def find(text: str, format: str = "plain") -> dict[str, list[str]]:
        relation = connection.sql(
            f"SELECT {terms.words(SEGMENT.name)} AS words, {lists} FROM (SELECT *, {terms.PLAIN} AS plain FROM "
            "(SELECT ? AS text, text AS raw_text, ? AS text_format, NULL AS client))",
            params=[text, format],
        )
        return dict(zip(relation.columns, relation.fetchall()[0], strict=True))

    return find


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t stop, MIRA's lamp is 3.5 m", ["don't", "stop", ",", "mira's", "lamp", "is", "3.5", "m"]),
        ("see https://example.org/Way_out?a=1 now", ["see", "\n", "now"]),
        ("tea @mira #rain &amp; fog", ["tea", "\n", "\n", "\n", "fog"]),
        ("write to me@example.org please", ["write", "to", "\n", "please"]),
        ("one\ntwo", ["one", "\n", "two"]),
        ("مرحبا، كيف حالُك", ["مرحبا", "،", "كيف", "حالُك"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("café naïve", ["café", "naïve"]),
        ("なるほど今日はコーヒー2杯", ["なるほど", "今日", "は", "コーヒー", "2", "杯"]),
        ("한국어 문장", ["한국어", "문장"]),
    ],
)
def test_words_and_breaks(found, text, words):
    """Links, mentions, tags and entities are breaks; marks stay with their letters; scripts without blanks are cut."""
    assert found(text)["words"] == words


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("#Rain #rain #123 C#sharp https://x.org/#part #日本語 ＃霧", "hashtags", {"#rain", "#日本語", "#霧"}),
        ("@Mira and @mira, tom@example.org @a.bsky.social", "mentions", {"@mira", "@a.bsky.social"}),
        ("https://WWW.Example.org:8080/a http://t.co/x www.b.net", "domains", {"example.org", "t.co", "b.net"}),
        ("❤️ ❤ 👩‍👩‍👧 👍🏽 🇳🇱 1️⃣ 12 © ♥", "emoji", {"❤", "👩‍👩‍👧", "👍🏽", "🇳🇱", "1⃣", "♥"}),
        ("plain text", "emoji", set()),
    ],
)
def test_lists(found, text, kind, expected):
    """Each tag, handle, host and emoji once, in lower case, an emoji with all that is joined to it."""
    rows = found(text)[kind]
    assert (set(rows), len(rows)) == (expected, len(expected))


def test_html_is_read_as_people_see_it(found):
    """Tags of HTML are no words, and the host of a link's address counts."""
    terms_of = found('<p>rain <a href="https://example.org/x">on the roof</a></p>', "html")
    assert [word for word in terms_of["words"] if word.isalpha()] == ["rain", "on", "the", "roof"]
    assert terms_of["domains"] == ["example.org"]
