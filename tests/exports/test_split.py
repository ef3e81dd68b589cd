"""Train and valid: no text on both sides."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from curation.errors import NothingToDoError
from curation.exports import export
from curation.exports.choosing.exact_key import number
from tests.corpora import write_corpus

WORDS = ["Good", "good", "morning", "MORNING", "straße", "STRASSE", "ΑΣ", "ας", "é", "e\u0301"]
BLANKS = [" ", "  ", "\n", "\u00a0", "\u3000", "\u2028", "\x1c"]


def canonical(text: str) -> str:
    """What makes two texts copies of each other."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def sides(corpus, out, **options) -> dict[str, list[str]]:
    """The texts on each side."""
    export(corpus, ["jsonl"], out, **options)
    return {
        split: [json.loads(line)["text"] for line in (out / f"{split}.jsonl").read_text().splitlines()]
        for split in ("train", "valid")
    }


@given(
    st.lists(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BLANKS)), max_size=3), max_size=40),
    st.floats(0.01, 0.99),
    st.integers(0, 5),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_is_on_both_sides(tmp_path_factory, posts, valid, seed):
    """Copies that differ in case, blanks or composition go together, and no post is lost or doubled."""
    folder = tmp_path_factory.mktemp("corpus")
    texts = ["", *("".join(word + blank for word, blank in post) for post in posts)]
    rows = [{"author": f"author {n % 3}", "text": text} for n, text in enumerate(texts)]
    try:
        found = sides(write_corpus(folder, rows, parts=2), folder, valid=valid, seed=seed)
    except NothingToDoError:
        reject()  # no text is left for training, which is refused
    assert not {*map(canonical, found["train"])} & {*map(canonical, found["valid"])}
    assert sorted(found["train"] + found["valid"]) == sorted(texts)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Good morning", "gOOD MORNING"),
        ("good morning", "\u3000good\u00a0\r\nmorning "),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("café", "cafe\u0301"),
    ],
)
def test_copies_have_one_number(text, copy, seed):
    """Case, blanks and composition make no other text of it; a letter does."""
    assert number(text, seed) == number(copy, seed) != number(f"{text}s", seed)


@given(st.text(), st.integers(0, 1000))
def test_the_number_is_at_least_0_and_below_1(text, seed):
    """So that a share of 0 takes no text and any share below 1 is a share."""
    assert 0 <= number(text, seed) < 1


def test_the_share_is_about_what_was_asked_for_and_a_larger_one_only_adds(tmp_path):
    """Of a thousand texts about a tenth is valid at 0.1, and all of these are among those at 0.3."""
    corpus = write_corpus(tmp_path, [{"text": f"text {n}"} for n in range(1000)])
    tenth = set(sides(corpus, tmp_path, valid=0.1)["valid"])
    third = set(sides(corpus, tmp_path, valid=0.3)["valid"])
    assert 60 < len(tenth) < 140
    assert 240 < len(third) < 360
    assert tenth < third


def test_the_side_of_a_text_does_not_depend_on_other_posts(tmp_path):
    """A corpus that grew keeps its training texts in training; another seed deals anew."""
    rows = [{"text": f"text {n}"} for n in range(200)]
    small = sides(write_corpus(tmp_path / "small", rows[::3]), tmp_path / "a", valid=0.3)
    large = sides(write_corpus(tmp_path / "large", rows), tmp_path / "b", valid=0.3)
    assert set(small["train"]) < set(large["train"])
    assert set(small["valid"]) < set(large["valid"])
    other = sides(write_corpus(tmp_path / "other", rows), tmp_path / "c", valid=0.3, seed=1)
    assert set(other["valid"]) != set(large["valid"])


def test_the_numbers_are_pinned():
    """A split made years ago can be made again: these numbers must never change."""
    assert number("Good  Morning\n", seed=0) == number("good morning", seed=0)
    assert [round(number("good morning", seed), 6) for seed in (0, 1)] == [0.043988, 0.727001]


def test_a_side_without_posts_is_a_warning_and_an_empty_file(tmp_path):
    """One text can't be on both sides; the files are there all the same."""
    result = export(write_corpus(tmp_path, [{"text": "x"}]), ["jsonl", "lines"], tmp_path, valid=0.5)
    assert [file.posts for file in result.files] in ([1, 0, 1, 0], [0, 1, 0, 1])
    assert len([w for w in result.warnings if "its files hold no post" in w]) == 1
    assert len(list(tmp_path.glob("train.*"))) == len(list(tmp_path.glob("valid.*"))) == 2
