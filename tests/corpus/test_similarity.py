"""How alike a removed post and the kept one are, in the corpus, in `explain` and on the page; old corpora lack it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.explain import explain
from curation.disk.workspace import Workspace
from curation.recipes.recipe import Recipe
from dashboards.queries import duplicates
from dashboards.queries.duplicates import LEAST_ALIKE, MOST_ALIKE, ClusterFilter
from dashboards.snapshot import Answers, Snapshot
from tests.collecting.test_landing import given_posts
from tests.sameness.test_signatures import jaccard

TEXTS = {
    "1": "the old ferry leaves the northern harbour at nine every foggy autumn morning",
    "2": "the old ferry leaves the northern harbour at ten every foggy autumn morning",
    "3": "The old ferry leaves the northern harbour at NINE every foggy autumn morning!",
    "4": "now playing on the radio: Blue Door by Nils",
    "5": "now playing on the radio: Red Window by Oya",
    "6": "another post altogether",
}
SIMILARITY = {"2": jaccard(TEXTS["1"], TEXTS["2"]), "3": 1.0, "5": 1.0}


def recipe(words: int) -> Recipe:
    """A filter, and the two rules that say how alike posts are."""
    template = {"use": "template", "posts": 2, "words": 4}
    return Recipe.parse(
        {"name": "own", "rule": [{"use": "min_words", "min": words}, {"use": "near_duplicate"}, template]}
    )


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace in which these posts have landed and were curated."""
    space = Workspace(tmp_path / "data")
    land(space.root, given_posts(*({"id": id, "author": "mira", "text": text} for id, text in TEXTS.items())))
    curate(space, recipe(2))
    return space


def similarities(corpus: Corpus) -> dict[str, float]:
    """The similarity of each post that has one."""
    both = "coalesce(near_duplicate_similarity, template_similarity)"
    return dict(corpus.rows(f"SELECT id, {both} FROM posts WHERE {both} IS NOT NULL"))


def aged(space: Workspace) -> None:
    """Make of the corpus what an earlier version of the program made: without these columns."""
    corpus = Corpus.open(space, "own")
    manifest = json.loads((corpus.folder / "manifest.json").read_text())
    for rule in manifest["recipe"]["rules"]:
        rule["columns"] = [column for column in rule["columns"] if not column.endswith("_similarity")]
    for name in manifest["files"]:
        table = pq.read_table(corpus.folder / name)
        pq.write_table(
            table.drop_columns([column for column in table.column_names if column.endswith("_similarity")]),
            corpus.folder / name,
        )
    (corpus.folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_corpus_says_how_alike_posts_are(space: Workspace) -> None:
    """Removed posts have the similarity to the kept one, of shingles or 1 for equal skeletons; all others NULL."""
    assert similarities(Corpus.open(space, "own")) == SIMILARITY


def test_a_similarity_outlasts_another_threshold(space: Workspace) -> None:
    """A corpus that is made out of the one before has the same values as one of a whole run."""
    run = curate(space, recipe(3))
    assert run.rejudged
    assert similarities(run.corpus) == SIMILARITY


def test_explain_has_the_similarity(space: Workspace) -> None:
    """As the key `similarity`; NULL for a post that is kept."""
    corpus = Corpus.open(space, "own")
    assert explain(space, corpus, "2").to_json()["similarity"] == SIMILARITY["2"]
    assert explain(space, corpus, "1").to_json()["similarity"] is None


def test_clusters_are_sorted_by_similarity(space: Workspace) -> None:
    """A cluster is as alike as its least alike copy."""
    snapshot = Snapshot(Corpus.open(space, "own"), Answers())
    least, most = (duplicates.clusters(snapshot, ClusterFilter(order=order)) for order in (LEAST_ALIKE, MOST_ALIKE))
    assert least["similarity"].to_list() == [SIMILARITY["2"], 1.0]
    assert most["id"].to_list() == ["4", "1"]
    [first, _] = duplicates.page(snapshot, least, 1)
    assert [copy["similarity"] for copy in first.shown] == [SIMILARITY["2"], 1.0]


def test_a_corpus_without_the_column_is_read(space: Workspace) -> None:
    """One that was made before is explained and shown; a run makes it again, whole."""
    aged(space)
    corpus = Corpus.open(space, "own")
    assert explain(space, corpus, "2").to_json()["similarity"] is None
    snapshot = Snapshot(corpus, Answers())
    found = duplicates.clusters(snapshot, ClusterFilter(order=LEAST_ALIKE))
    assert found["similarity"].to_list() == [None, None]
    assert [copy["similarity"] for copy in duplicates.page(snapshot, found, 1)[0].shown] == [None, None]
    run = curate(space, recipe(3))
    assert not run.rejudged
    assert similarities(run.corpus) == SIMILARITY
