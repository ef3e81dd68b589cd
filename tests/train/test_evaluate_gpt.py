"""The small GPT-2 of `curation evaluate --with gpt`, trained for real. Needs torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed; make train-test installs it")
pytest.importorskip("transformers", reason="transformers is not installed; make train-test installs it")

from curation.training.evaluation import evaluate, variants
from curation.training.evaluation.gpt import GptLearner, Shape
from tests.training.accounts import account, landed

SMALL = Shape(layers=1, heads=2, width=32, context=32, steps=30)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Texts of an account."""
    return [post["text"] for post in account(300)]


def test_it_learns(texts: list[str]) -> None:
    """A model of thirty steps needs fewer bits than one of a single step, for text of the account."""
    held_out = texts[:30]
    one, thirty = (GptLearner(held_out, texts[30:], Shape(**{**vars(SMALL), "steps": steps})) for steps in (1, 30))
    before, after = (each.bits(each.prepare(texts[30:]), None, 0).sum() for each in (one, thirty))
    assert after < 0.95 * before


def test_the_same_seed_gives_the_same_bits(texts: list[str]) -> None:
    """To the last bit, and another seed makes another model."""
    learner = GptLearner(texts[:10], texts[10:], SMALL)
    prepared = learner.prepare(texts[10:])
    one, same, other = (learner.bits(prepared, None, seed) for seed in (3, 3, 4))
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def test_bits_of_a_post_do_not_depend_on_the_others(texts: list[str]) -> None:
    """A post is predicted from the end of a document alone, whatever is predicted beside it; also an empty one."""
    long = " ".join(texts[:20])
    held_out = [texts[0], "", long, texts[1]]
    together = GptLearner(held_out, texts, SMALL)
    prepared = together.prepare(texts)
    bits = together.bits(prepared, None, 0)
    assert (bits > 0).all()
    for place, text in enumerate(held_out):
        alone = GptLearner([text], texts, SMALL).bits(prepared, None, 0)
        assert alone[0] == pytest.approx(bits[place], rel=1e-4)


def test_a_long_post_is_predicted_whole(texts: list[str]) -> None:
    """Every token is predicted once: windows lie end to end."""
    learner = GptLearner([" ".join(texts[:20]), texts[0]], texts, SMALL)
    counted = np.zeros(2, dtype=int)
    for posts, _, first, last in learner._windows():
        np.add.at(counted, posts, last - first)
    assert counted.tolist() == (learner.held_out.counts + 1).tolist()


def test_an_evaluation_with_it(tmp_path: Path) -> None:
    """The same twice, with settings that say what was trained."""
    space = landed(tmp_path, account(300, repeats=100))
    recipes = variants(space, ["baseline:-exact_duplicate", "baseline"])
    once, again = (evaluate(space, recipes, model="gpt", seeds=2, steps=3) for _ in range(2))
    assert json.dumps(once.to_json()) == json.dumps(again.to_json())
    assert once.settings["steps"] == 3
    assert once.model == "gpt"
    assert [each.full.bits_per_character > 0 for each in once.recipes] == [True, True]
