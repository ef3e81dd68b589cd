"""A recipe is held against the pins, and the pins say how far thresholds may go."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.judge import judge
from curation.asking.pins.checking import check
from curation.asking.pins.suggestions import Suggestion, suggest
from curation.asking.sweep import sweep
from curation.asking.variants import with_value
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import KEPT, REMOVED, Pins
from tests.asking.judging import Posts, Rules, corpus_of
from tests.judge import recipe_of

POSTS: Posts = [
    {"id": "1", "text": "霧"},
    {"id": "2", "text": "two words"},
    {"id": "3", "text": "there are four words", "created_at": None},
    {"id": "4", "text": "there are four words", "created_at": None},
    {"id": "5", "text": "#fog #late #חמש two words 🛥️"},
    {"id": "6", "text": "the ferry is late again and nobody knows why"},
]
RULES: Rules = [
    {"use": "hashtag_ratio", "max": 0.9},
    {"use": "min_words"},
    {"use": "min_chars", "min": 1},
    {"use": "exact_duplicate"},
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Six posts, of which three are kept."""
    return corpus_of(tmp_path_factory.mktemp("checked"), POSTS, recipe_of(*RULES))


def pins(*, keep: str = "", remove: str = "") -> Pins:
    """Pins of the posts that the digits name."""
    made = Pins()
    for want, ids in ((KEPT, keep), (REMOVED, remove)):
        for post_id in ids:
            made = made.pin("x", post_id, want)
    return made


def test_broken_pins_are_named_with_the_reason(corpus: Corpus) -> None:
    """What must be kept and goes, what must go and is kept, and what the corpus does not have."""
    done = check(Verdicts(corpus), pins(keep="2469", remove="16"))
    assert [(each.pin.id, each.removed_by, each.why) for each in done.broken] == [
        ("2", "min_words", "Short posts: 2 words < 3"),
        ("4", "exact_duplicate", "Exact duplicates: a copy of 3"),
        ("6", None, "kept"),
    ]
    assert [(each.pin.id, each.holds) for each in done.judged if each.holds] == [("1", True)]
    assert [pin.id for pin in done.missing] == ["9"]
    assert (done.way, done.recipe, done.corpus) == ("current", "judged", "judged")
    assert {**done.to_json(), "broken": [], "missing": []} == {
        "schema": 1, "recipe": "judged", "corpus": "judged", "how": "current", "pins": 5, "held": 1,
        "broken": [], "missing": [],
    }  # fmt: skip


def test_another_recipe_is_held_against_the_pins(corpus: Corpus) -> None:
    """What counts is the verdict of that recipe, with its bound."""
    verdicts = judge(with_value(corpus, "min_words", "min", 2), corpus)
    assert verdicts is not None
    done = check(verdicts, pins(keep="12"))
    assert [(each.pin.id, each.why) for each in done.broken] == [("1", "Short posts: 1 word < 2")]
    assert done.way == "recalculated"


def test_the_same_id_elsewhere_is_another_post(corpus: Corpus) -> None:
    """A pin is about a post of its platform."""
    done = check(Verdicts(corpus), Pins().pin("mastodon", "2", KEPT))
    assert (len(done.judged), len(done.missing)) == (0, 1)


def told(corpus: Corpus, made: Pins) -> dict[str, Suggestion]:
    """Suggestions by parameter."""
    return {each.parameter: each for each in suggest(corpus, made)}


def test_a_bound_that_keeps_what_must_be_kept(corpus: Corpus) -> None:
    """The strictest value, the post that stops it, and what it removes of those that must go."""
    words = told(corpus, pins(keep="36", remove="2"))["min_words.min"]
    assert (words.limit, words.value, words.holds) == (4, 3, True)
    assert words.sentence == (
        "min_words.min at most 4: at 5 the pinned post 3 would go; "
        "at 3 it removes the pinned post that must go (now 3)."
    )
    wider = told(corpus, pins(keep="2", remove="1"))["min_words.min"]
    assert (wider.limit, wider.value, wider.holds, wider.removed) == (2, 2, False, 1)
    assert wider.point == sweep(corpus, "min_words.min", [2], exact=False).points[0]


def test_an_upper_bound_and_a_share(corpus: Corpus) -> None:
    """Of a share the bound goes by hundredths, and the other way."""
    tags = told(corpus, pins(keep="5"))["hashtag_ratio.max"]
    assert (tags.lower, tags.limit, tags.value) == (False, 0.6, 0.9)
    assert tags.sentence == "hashtag_ratio.max at least 0.6: at 0.59 the pinned post 5 would go (now 0.9)."
    strict = told(corpus, pins(remove="5"))["hashtag_ratio.max"]
    assert (strict.limit, strict.value, strict.removed) == (None, 0.59, 1)


def test_what_no_value_keeps_is_said(corpus: Corpus, tmp_path: Path) -> None:
    """A post without a word can't be kept by any bound of words."""
    empty = corpus_of(tmp_path, [{"id": "1", "text": "🛥️"}], recipe_of({"use": "min_words"}))
    [words] = suggest(empty, pins(keep="1"))
    assert (words.limit, words.holds, words.point) == (None, False, None)
    assert words.sentence.startswith("min_words.min: no value keeps the pinned post 1;")


def test_what_says_nothing_is_left_out(corpus: Corpus) -> None:
    """No pins, pins that a bound has nothing to do with, and bounds that can't be stricter."""
    assert suggest(corpus, Pins()) == []
    assert set(told(corpus, pins(keep="6"))) == {"min_words.min", "min_chars.min"}


@given(st.sets(st.sampled_from("123456")), st.sets(st.sampled_from("123456")))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_limit_is_the_last_value_that_keeps_them(corpus: Corpus, keep: set[str], remove: set[str]) -> None:
    """At the limit the rule removes no post that must be kept, and one step beyond it removes the one that is named."""
    made = pins(keep="".join(keep), remove="".join(remove - keep))
    for each in suggest(corpus, made, recipe=recipe_of(*RULES)):
        if each.limit is None:
            continue
        name, key = each.parameter.split(".")
        beyond = round(each.limit + each.step * (1 if each.lower else -1), 2)
        for value, gone in ((each.limit, False), (beyond, True)):
            [rule] = [rule for rule in with_value(corpus, name, key, value).rules if rule.name == name]
            removed = {post for (post,) in corpus.rows(f"SELECT id FROM posts WHERE {rule.removes()}")}
            assert each.stops is not None
            assert (each.stops.id in removed) == gone
            assert gone or not keep & removed
