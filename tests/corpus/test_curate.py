"""A run: what it makes of all that has landed, however it is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.collecting.land import land
from curation.corpus.curate import curate
from curation.corpus.ledger import Ledger
from curation.corpus.run_context import RunContext
from curation.engines.local import LocalEngine
from curation.recipes.recipe import Recipe
from tests.collecting.test_landing import given_posts

RECIPE = {"name": "own", "rule": [{"use": "min_words"}, {"use": "exact_duplicate"}]}
TEXTS = ("the ferry is late", "fog", "rain on the harbour", "the ferry is late", "moss grows on the ladder")


@pytest.mark.parametrize("shard_posts", [1, 2, 100])
def test_every_landed_post_is_in_the_corpus_once(tmp_path: Path, shard_posts: int) -> None:
    """Of several landings in any number of shards no post is lost and none comes twice, and the manifest counts all."""
    for begin in (0, 5):
        land(tmp_path, given_posts(*({"id": str(begin + n), "text": text} for n, text in enumerate(TEXTS))))
    context = RunContext(LocalEngine(workers=1, shard_posts=shard_posts))
    corpus = curate(tmp_path, Recipe.parse(RECIPE), context=context).corpus
    assert corpus.rows("SELECT id FROM posts ORDER BY id::INTEGER") == [(str(n),) for n in range(10)]
    assert corpus.manifest["counts"]["downloaded"] == Ledger.of(corpus).total.downloaded == 10
    assert corpus.manifest["counts"]["kept"] == Ledger.of(corpus).total.kept == 3
