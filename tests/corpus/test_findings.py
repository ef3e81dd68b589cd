"""What a rule found in a post, in words."""

from __future__ import annotations

import pytest

from curation.corpus.findings import decides_by, finding, values_of
from curation.rules import installed
from tests.corpora import rule

WORDS = rule("min_words", measure="min_words", min=3)
LANGUAGE = rule("language", measure="language", keep=["en", "nl"])


@pytest.mark.parametrize(
    ("made", "row", "words"),
    [
        (WORDS, {"min_words": 16}, "16 words ≥ 3"),
        (WORDS, {"min_words": 2}, "2 words < 3"),
        (WORDS, {"min_words": 1, "matched": ["retweet", "min_words"]}, "1 word < 3"),
        (rule("max_words", measure="max_words", max=9), {"max_words": 4}, "4 words ≤ 9"),
        (LANGUAGE, {"language": "fr"}, "fr (keeps en, nl)"),
        (LANGUAGE, {"language": None, "matched": ["retweet"]}, "not measured, since retweet removes it already"),
        (LANGUAGE, {"language": None, "matched": []}, "could not be measured"),
        (rule("own", measure="own"), {"own": 0.5}, "0.5"),
        (rule("retweet"), {}, ""),
    ],
)
def test_a_measure_stands_beside_its_bound(made, row, words):
    """The value has its unit and the bound, whether the post passes or not; without a value stands why."""
    assert finding(made, row) == words


def test_rules_without_a_measure_show_what_they_look_at():
    """The client, the kind: the columns of the rule's condition, not words in its texts."""
    post = {"client": "IFTTT", "is_repost": False, "author": "mira", "text": "a", "raw_text": "a"}
    rules = [installed().rules[name]() for name in ("automated", "retweet", "min_words")]
    found = values_of(rules, post)
    assert found["automated"]["client"] == "IFTTT"
    assert found["retweet"] == {"is_repost": False}
    assert "min_words" not in found
    assert finding(rule("automated"), {}, {"client": "IFTTT"}) == "client = IFTTT"
    assert finding(rule("retweet"), {}, {"is_repost": False, "client": None}) == "is_repost = no; client = unknown"
    own = installed().rules["author"](name="author", drop=("client",))
    assert decides_by(own, post) == ["author"]
