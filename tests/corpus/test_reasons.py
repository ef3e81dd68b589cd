"""Why a post was removed is said with what was measured and the bound."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from curation.corpus.reasons import reason
from curation.recipes.recipe import Recipe
from tests.corpora import rule

MOMENT = datetime.datetime(2019, 1, 31, 23, 59)


@pytest.mark.parametrize(
    ("used", "row", "said"),
    [
        ({"use": "min_words"}, {"min_words": 2}, "Short posts: 2 words < 3"),
        ({"use": "min_words"}, {"min_words": 1}, "Short posts: 1 word < 3"),
        ({"use": "max_words", "max": 1000}, {"max_words": 1234}, "Long posts: 1,234 words > 1,000"),
        ({"use": "min_chars", "name": "few"}, {"few": 9}, "Few characters: 9 characters < 10"),
        ({"use": "hashtag_ratio"}, {"hashtag_ratio": 2 / 3}, "Mostly hashtags: share of hashtags 0.667 > 0.5"),
        ({"use": "engagement", "min": 2, "max": 9}, {"engagement": 12}, "Engagement out of bounds: 12 > 9"),
        ({"use": "burst"}, {"burst": 11}, "Bursts: 11 posts > 10"),
        ({"use": "language", "keep": ["en", "de"]}, {"language": "fr"}, "Other languages: fr, not en or de"),
        (
            {"use": "language", "keep": ["en", "de", "ja", "th", "he"]},
            {"language": "fr"},
            "Other languages: fr, not en, de, ja, th or …",
        ),
        (
            {"use": "date_range", "first": datetime.date(2019, 2, 1)},
            {"created_at": MOMENT},
            "Outside the dates: 2019-01-31, before 2019-02-01",
        ),
        (
            {"use": "date_range", "last": datetime.date(2019, 1, 30)},
            {"created_at": MOMENT},
            "Outside the dates: 2019-01-31, after 2019-01-30",
        ),
        ({"use": "where", "removes": "like_count\n  = 0"}, {}, "Own condition: like_count = 0"),
        ({"use": "exact_duplicate"}, {"duplicate_of": "17"}, "Exact duplicates: a copy of 17"),
        ({"use": "thread"}, {"duplicate_of": "17"}, "Joined to a thread: that of 17"),
        ({"use": "retweet"}, {"min_words": 2}, "Retweets"),
        ({"use": "min_words"}, {"min_words": None}, "Short posts"),
        ({"use": "min_words"}, {}, "Short posts"),
        ({"use": "exact_duplicate"}, {"duplicate_of": None}, "Exact duplicates"),
    ],
)
def test_a_shipped_rule_says_why(used: dict[str, Any], row: dict[str, Any], said: str) -> None:
    """The label, the measure in its unit, and the bound; what is not known is left out."""
    [described] = Recipe.parse({"name": "r", "rule": [used]}).to_json()["rules"]
    assert reason(described, row) == said


def test_a_rule_of_ones_own_has_no_unit() -> None:
    """What nobody knows the class of is said by its label and the numbers."""
    mine = rule("shouting", use="shouting", label="Shouted", measure="shouting", max=0.25)
    assert reason(mine, {"shouting": 0.5}) == "Shouted: 0.5 > 0.25"
    assert reason(mine, {"shouting": 0.1}) == "Shouted"
