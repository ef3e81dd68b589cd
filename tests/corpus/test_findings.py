"""What a rule found in a post, in words."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from curation.corpus.findings import decides_by, finding, values_of
from curation.corpus.grounds import GROUNDS, with_grounds
from curation.corpus.reasons import reason
from curation.recipes.plan import CARRIED, INPUT_SCHEMA
from curation.rules import installed
from curation.rules.base import Filter
from curation.sql import any_of
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


def test_what_made_a_rule_remove_a_post_is_said():
    """Only a condition that holds is a reason; the value of another one, such as a missing flag, is none."""
    post = {"is_repost": None, "raw_text": "RT @ada: so", "client": "IFTTT", "is_reply": None, "reply_to_author": None,
            "author": "mira", "matched": ["retweet", "automated"]}  # fmt: skip
    rules = [rule("retweet"), rule("automated"), rule("reply")]
    [row] = with_grounds(rules, [post])
    assert row[GROUNDS] == {"retweet": ("begins with RT @",), "automated": ("posted by IFTTT",)}
    assert finding(rules[0], row, {"is_repost": None}) == "begins with RT @"
    assert reason(rules[1], row) == "automated: posted by IFTTT"
    both = {**post, "is_repost": True, "client": "Web", "raw_text": "RT @ada: so"}
    [row] = with_grounds(rules, [both])
    assert row[GROUNDS] == {"retweet": ("flagged as a repost", "begins with RT @")}
    without = {name: value for name, value in post.items() if name != "client"}
    assert with_grounds(rules, [without])[0][GROUNDS] == {"retweet": ("begins with RT @",)}
    assert with_grounds(rules, [{**post, "matched": []}])[0][GROUNDS] == {}


def test_every_ground_is_a_reason_and_every_removal_has_one():
    """For each rule with grounds and each combination of flags and texts, it removes exactly if one of them holds."""
    posts = [
        {**dict.fromkeys(CARRIED), "is_repost": flag, "is_reply": reply, "reply_to_author": to, "author": "mira",
         "client": client, "raw_text": text, "text": text}
        for flag in (None, True, False) for reply in (None, True, False) for to in (None, "mira", "ada")
        for client in (None, "IFTTT", "a_bot") for text in ("RT @ada: so", "@ada so", "so RT @ada: x", "I'm at b http")
    ]  # fmt: skip
    table = pa.Table.from_pylist(posts, schema=INPUT_SCHEMA.append(pa.field("raw_text", pa.string())))
    with_some = [made for use in installed().rules.values() if issubclass(use, Filter) for made in _made(use)]
    assert {made.use for made in with_some} == {"retweet", "reply", "automated"}
    connection = duckdb.connect()
    connection.register("posts", table)
    for made in with_some:
        answers = ", ".join(f"coalesce({each}, false)" for each in (made.removes(), any_of(made.grounds().values())))
        rows = connection.sql(f"SELECT {answers} FROM posts").fetchall()
        assert {goes for goes, _ in rows} == {True, False}
        assert all(goes is ground for goes, ground in rows), made


def _made(use):
    """A rule of a class that has grounds, with each value of its switches."""
    for name in ("manual", "to_self", "bots"):
        if name in use.__dataclass_fields__:
            yield from (use(**{name: value}) for value in (True, False))
            return
