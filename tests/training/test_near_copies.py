"""Near copies against a comparison of all pairs by sets."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.training.evaluation import near_copies
from curation.training.evaluation.near_copies import NearCopies, first_of_each

WORDS = st.sampled_from(
    ["a", "ab", "ferry", "the", "lighthouse", "霧が", "深い", "late", "aaaaa", "!", "…", "😀", "1999"]
)
TEXT = st.lists(WORDS, max_size=14).map(" ".join)
TEXTS = st.lists(TEXT, max_size=14)
#: On a busy machine to draw takes as long as it takes.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def runs(text: str) -> set[str]:
    """The definition: runs of five letters or digits, a shorter text as a whole."""
    letters = "".join(letter for letter in text if letter.isalnum())
    return {letters[at : at + 5] for at in range(max(1, len(letters) - 4))} if letters else set()


def is_near(one: str, other: str) -> bool:
    """Whether two texts are near copies."""
    a, b = runs(one), runs(other)
    if not a or not b:
        return one == other and not a and not b
    smaller = min(len(a), len(b))
    return 2 * len(a & b) >= len(a | b) or (smaller >= 16 and 5 * len(a & b) >= 4 * smaller)


@settings(BUSY, max_examples=200)
@given(TEXTS, TEXTS)
def test_exactly_the_near_copies_are_found(own: list[str], others: list[str]) -> None:
    """No pair is missed, and none is there that is not one."""
    result = NearCopies(own)
    assert result.among(others).tolist() == [any(is_near(text, each) for each in own) for text in others]
    pairs = {tuple(pair) for pair in result.pairs(others).tolist()}
    lettered = [(i, j) for i, text in enumerate(others) if runs(text) for j, each in enumerate(own) if runs(each)]
    assert pairs == {(i, j) for i, j in lettered if is_near(others[i], own[j])}


@settings(BUSY, max_examples=150)
@given(TEXTS, st.sampled_from([1, 2, 5, 2_048]))
def test_the_first_of_each_stays(texts: list[str], at_once: int) -> None:
    """In order, each text stays that is no near copy of one that stays, however many are compared at a time."""
    kept: list[int] = []
    for place, text in enumerate(texts):
        if not any(is_near(text, texts[other]) for other in kept):
            kept.append(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_copies, "AT_ONCE", at_once)
        assert first_of_each(texts).tolist() == kept


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("the ferry came late again today", "the ferry: came late, again today", True),
        ("the ferry came late again today", "yes. the ferry came late again today, and so did we all of us", True),
        ("thanks", "thanks to everybody who came to the lighthouse", False),  # contained, but short
        ("😀", "😀", True),
        ("😀", "😀😀", False),
        ("", "", True),
    ],
)
def test_pairs_that_a_person_would_ask_about(one: str, other: str, near: bool) -> None:
    """Punctuation is nothing, a short phrase in a longer post is no copy."""
    assert NearCopies([one]).among([other]).tolist() == [near]
    assert NearCopies([other]).among([one]).tolist() == [near]


def test_a_common_phrase_costs_little() -> None:
    """Thousands of texts that begin alike are not all compared with each other."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(3_000)]
    texts = ["good morning " + " ".join(draw.choices(words, k=9)) for _ in range(4_000)]
    compared: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        whole = NearCopies._near
        patch.setattr(
            NearCopies, "_near", lambda self, text, *more: compared.append(len(text)) or whole(self, text, *more)
        )
        assert not NearCopies(texts[:2_000]).among(texts[2_000:]).any()
    assert sum(compared) < 2_000 * 2_000 / 100
