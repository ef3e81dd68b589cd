"""Copies with typing errors, in six scripts."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.typos import SCRIPTS, ours, recall
from curation.sameness.similarity import similarities


@pytest.mark.parametrize("script", SCRIPTS)
def test_mistyped_copies_are_found(script: str) -> None:
    """With one character in twenty changed, the rule finds 95 of 100 copies, and none of another post."""
    found, wrong = recall(ours, script, 0.05, 60)
    assert found >= 0.95
    assert wrong == 0


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("the ferry is late", "th\u0435 f\u0435rr\u0443 is l\u0430t\u0435"),  # Cyrillic
        ("the ferry is late", "\uff54\uff48\uff45 \uff46erry is late"),  # full width
        ("the ferry is late", "tthe fery iis laate"),
        ("カタカナの船", "力夕カナの船"),
        ("السفينة في الميناء", "السفینه فى الميناء"),
        ("the ferry", "th\u034fe fer\u200dry"),
    ],
)
def test_letters_that_look_alike_count_as_one(text: str, other: str) -> None:
    """Also doubled letters, and what nothing shows."""
    assert similarities([text, other], np.array([[0, 1]])).tolist() == [1]


def test_doubled_digits_count() -> None:
    """1000 is not 100."""
    assert similarities(["1000 boats", "100 boats"], np.array([[0, 1]])).tolist() < [1]
