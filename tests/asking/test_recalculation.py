"""Rules that compare posts are computed again only where that changes something, and what they found is kept."""

from __future__ import annotations

import datetime
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.asking import recalculation
from curation.asking.judge import judge
from curation.asking.variants import with_value
from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.disk.workspace import Workspace
from curation.forgetting.forget import ForgetRequest, forget
from curation.recipes.recipe import Recipe
from tests.asking.judging import POSTS, Posts, Rules, hold_against_run
from tests.collecting.test_landing import given_posts
from tests.sameness.test_find import QUICK

WORDS = (
    "the",
    "ferry",
    "is",
    "late",
    "again",
    "and",
    "nobody",
    "on",
    "deck",
    "why",
    "de",
    "boot",
    "weer",
    "te",
    "laat",
)
RULES: Rules = [
    {"use": "retweet"},
    {"use": "min_words", "min": 3},
    {"use": "burst", "max": 3},
    {"use": "exact_duplicate"},
    {"use": "near_duplicate", "scope": "global"},
    {"use": "template", "posts": 2, "words": 2},
    {"use": "min_chars", "min": 12},
    {"use": "language", "author_weight": 1.0, "min_letters": 3},
    {"use": "language", "name": "alone", "keep": ["nl"], "min_letters": 3},
]
CHANGES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "min_words": ("min", (1, 5)),
    "burst": ("max", (1, 9)),
    "near_duplicate": ("threshold", (0.5, 0.9)),
    "template": ("posts", (3,)),
    "alone": ("keep", (["en"],)),
}


def posts_of(draw: random.Random) -> Posts:
    """Posts of two authors, many of them nearly the same, some with a number in them."""
    kinds = [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(6)]
    texts = []
    for _ in range(40):
        words = draw.choice(kinds).split()
        if draw.random() < 0.6:
            words[draw.randrange(len(words))] = draw.choice((*WORDS, "7", "42", "Mira"))
        texts.append(("RT @mira: " if draw.random() < 0.1 else "") + " ".join(words))
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    return [
        {
            "id": str(n),
            "author": draw.choice(("mira", "霧子")),
            "text": text,
            "created_at": start + datetime.timedelta(seconds=draw.randrange(600)),
        }
        for n, text in enumerate(texts)
    ]


def changed(draw: random.Random) -> Rules:
    """The rules with one or two other values, or with one less."""
    chosen = draw.sample(sorted(CHANGES), draw.randint(0, 2))
    rules = []
    for rule in RULES:
        name = str(rule.get("name", rule["use"]))
        if not chosen and name == "retweet":
            continue
        key, values = CHANGES.get(name, ("", ()))
        rules.append({**rule, key: draw.choice(values)} if name in chosen else rule)
    return rules


@given(st.integers(0, 10**6))
@settings(max_examples=2, deadline=None, phases=QUICK)
def test_verdicts_are_those_of_a_run(seed: int) -> None:
    """For every kind of rule that sees other posts: at the first question, from kept files, and from damaged ones."""
    draw = random.Random(seed)
    posts, news = posts_of(draw), [changed(draw) for _ in range(2)]
    with tempfile.TemporaryDirectory() as name:
        hold_against_run(Path(name) / "curated", posts, RULES, *news, news[0])
        kept = sorted(Path(name).glob(".evidence/*/*/*.parquet"))
        for path in kept:
            path.write_bytes(path.read_bytes()[: draw.choice((0, -9))])
        hold_against_run(Path(name) / "curated", posts, RULES, news[0])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with a corpus whose rules compare posts."""
    space = Workspace(tmp_path / "data")
    land(space, given_posts(*POSTS))
    curate(space, ours(tmp_path))
    return space


def ours(folder: Path) -> Recipe:
    """The rules as a recipe."""
    path = folder / "ours.toml"
    path.write_text('name = "ours"\n[[rule]]\nuse = "min_words"\n[[rule]]\nuse = "near_duplicate"\n', encoding="utf-8")
    return Recipe.load(path)


def test_a_second_question_compares_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process finds whom the rule removes, and a corpus that is made anew keeps nothing of the old one."""
    corpus = Corpus.open(workspace, "ours")
    new = with_value(corpus, "near_duplicate", "threshold", 0.6)
    first = judge(new, corpus)
    monkeypatch.setattr(recalculation.Recalculation, "_compared", None)
    second = judge(new, corpus)
    assert first is not None
    assert second is not None
    assert first.counts == second.counts
    monkeypatch.undo()
    [before] = (workspace.evidence / "ours").iterdir()
    corpus = curate(workspace, ours(workspace.root), again=True).corpus
    judge(new, corpus)
    [after] = (workspace.evidence / "ours").iterdir()
    assert before != after


def test_nothing_kept_outlives_forgetting(workspace: Workspace) -> None:
    """It holds texts and ids."""
    corpus = Corpus.open(workspace, "ours")
    judge(with_value(corpus, "near_duplicate", "threshold", 0.6), corpus)
    assert any(workspace.evidence.rglob("*.parquet"))
    forget(workspace, ForgetRequest(ids=("3",)))
    assert not any(workspace.evidence.rglob("*"))
