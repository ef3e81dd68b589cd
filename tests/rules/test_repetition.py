"""The share of a text that repeats what was just said, against a plain count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.functions.repetition import STRETCH, WINDOW, repetition
from tests import strategies

TEXTS = st.one_of(
    strategies.texts(),
    st.text("ab あ", max_size=60),
    st.tuples(st.text(max_size=30), st.integers(1, 5)).map(lambda drawn: drawn[0] * drawn[1]),
)


def plain(text: str) -> float:
    """The same share, character by character."""
    text = " ".join(text.lower().split())
    repeated: set[int] = set()
    for shift in range(1, WINDOW + 1):
        for begin in range(shift, len(text) - STRETCH + 1):
            if text[begin : begin + STRETCH] == text[begin - shift : begin - shift + STRETCH]:
                repeated |= set(range(begin, begin + STRETCH))
    return len(repeated) / max(len(text), 1)


@given(st.lists(TEXTS, max_size=6))
@settings(max_examples=20, deadline=None)
def test_many_texts_at_a_time_give_what_each_gives_alone(texts: list[str]) -> None:
    """Texts that are laid end to end do not see each other."""
    assert repetition(texts) == pytest.approx([plain(text) for text in texts])


def test_a_long_post_has_no_more_of_it_than_a_short_one() -> None:
    """What comes back after a while is no repetition, however often it does; so long texts need no other bound."""
    verse = "".join(chr(ord("一") + number) for number in range(WINDOW + 1))
    assert repetition([verse, verse * 40]) == [0.0, 0.0]


def test_one_character_more_than_the_window_is_too_far() -> None:
    """What stood `WINDOW` characters before counts, one character further it does not."""
    filling = "abcdefghijklmnopqrstuvwxyz0123456789"
    near, far = filling[: WINDOW - 4] + " ", filling[: WINDOW - 3] + " "
    assert repetition([f"霧が深{near}霧が深"])[0] == pytest.approx(3 / (WINDOW + 3))
    assert repetition([f"霧が深{far}霧が深"]) == [0.0]
