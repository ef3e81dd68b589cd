"""Maps: the same posts give the same map, neighbours are true ones, and a forgotten post is on none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.corpus.corpus import Corpus
from curation.corpus.post_map import COLUMNS, map_of
from curation.corpus.saved_views import view_of
from curation.corpus.selection import facets_of
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError, WorkspaceError
from curation.mapping import packages, vectors
from curation.mapping.clusters import clusters_of
from curation.mapping.letters import Vectors, of_length_one
from curation.mapping.make import make_map
from curation.mapping.models import TextModel, open_model
from curation.mapping.neighbours import nearest
from curation.mapping.texts import read_as
from curation.options.export import ExportOptions
from curation.options.mapping import MapOptions
from dashboards.queries import browse, selection
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.cli.shell import inside

TOPICS = (
    "the kettle sings while the rain falls on the harbour {} again and the boats wait",
    "今日は駅前の喫茶店で珈琲を飲みながら本を読みました {} とても静かでした",
    "de trein naar Utrecht had vanochtend alweer {} minuten vertraging door een storing",
)


def land(data: Path, posts: int = 60) -> None:
    """A workspace with posts on three topics in turn, by two authors, and their corpus."""
    rows = [
        {"id": str(number), "author": ("mira", "tom")[number % 2], "created_at": "2026-03-04T05:06:07Z",
         "text": f"@someone{number} {TOPICS[number % 3].format(number)} https://example.org/{number}"}
        for number in range(posts)
    ]  # fmt: skip
    archive = data.parent / "posts.jsonl"
    archive.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert inside("collect", "file", archive, "--platform", "x", data=data).rc == 0
    assert inside("run", "--workers", "1", data=data).rc == 0


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a map; copied before it is changed."""
    data = tmp_path_factory.mktemp("mapped") / "data"
    land(data)
    answer = inside("map", "--json", data=data)
    assert answer.rc == 0, answer.err
    made = json.loads(answer.out)
    assert (made["schema"], made["recipe"], made["status"], made["posts"]) == (1, "baseline", "made", 60)
    assert sum(one["posts"] for one in made["clusters"]) + made["unclustered"] == 60
    return data


def test_each_kept_post_is_a_point_whose_neighbours_say_the_same(mapped: Path) -> None:
    """The file has a row a post, in a fixed order; neighbours are numbers of rows, nearest first, of the same topic."""
    post_map = map_of(Workspace(mapped), "baseline")
    assert post_map is not None
    table = pq.read_table(post_map.file)
    assert table.column_names == [*COLUMNS, "min_words"]
    ids = table["id"].to_pylist()
    assert ids == sorted(map(str, range(60)))
    assert all(0 <= value <= 1 for name in ("x", "y") for value in table[name].to_pylist())
    topic = np.array([int(name) % 3 for name in ids])
    for row, near in enumerate(table["neighbors"].to_pylist()):
        assert row not in near["ids"]
        assert near["distances"] == sorted(near["distances"])
        assert (topic[near["ids"]] == topic[row]).mean() > 0.9
    assert post_map.manifest["corpus"]["files"] == Corpus.open(mapped).manifest["files"]
    assert {"curation", "numpy", "scipy", "scikit-learn", "opentsne"} == {*post_map.manifest["versions"]}


def test_the_same_seed_gives_the_same_map(mapped: Path, tmp_path: Path) -> None:
    """Points, neighbours and clusters are the same in every number of threads; another seed gives others."""
    data = tmp_path / "data"
    shutil.copytree(mapped, data)
    space = Workspace(data)
    first = map_of(space, "baseline")
    assert first is not None
    before = pq.read_table(first.file)
    assert make_map(space, "baseline", MapOptions()).status == "unchanged"
    again = make_map(space, "baseline", MapOptions(workers=2), again=True)
    assert again.status == "made"
    assert pq.read_table(again.map.file).equals(before)
    other = make_map(space, "baseline", MapOptions(seed=7))
    assert not pq.read_table(other.map.file).equals(before)
    some = make_map(space, "baseline", MapOptions(most=20, neighbors=5))
    assert (some.map.posts, some.map.manifest["counts"]["kept"]) == (20, 60)


def test_a_map_is_stale_after_a_run_and_gone_after_forget(mapped: Path, tmp_path: Path) -> None:
    """A map knows its corpus; `forget` deletes one that shows a forgotten post, and says so."""
    data = tmp_path / "data"
    shutil.copytree(mapped, data)
    space = Workspace(data)
    assert inside("run", "--workers", "1", "--set", "min_words.min=4", data=data).rc == 0
    stale = map_of(space, "baseline")
    assert stale is not None
    assert not stale.is_of(Corpus.open(data))
    answer = inside("forget", "--id", "7", "--json", "--yes", data=data)
    assert answer.rc == 0, answer.err
    assert "maps/baseline" in json.loads(answer.out)["maps"][0]["change"]
    assert map_of(space, "baseline") is None
    assert not [path for path in data.rglob("*") if path.is_file() and b"someone7 " in path.read_bytes()]


def test_a_cluster_and_chosen_posts_are_conditions_everywhere(mapped: Path, tmp_path: Path) -> None:
    """Browse, exports and saved views take a cluster and listed posts; a map that is gone is a sentence."""
    data = tmp_path / "data"
    shutil.copytree(mapped, data)
    space, corpus = Workspace(data), Corpus.open(data)
    post_map = map_of(space, "baseline")
    assert post_map is not None
    table = pq.read_table(post_map.file).to_pylist()
    snapshot, known = Snapshot(corpus, Answers()), facets_of(corpus)
    assert post_map.clusters
    for one in post_map.clusters:
        there = {row["id"] for row in table if row["cluster_name"] == one.label}
        view = View(corpus="baseline", chosen={"cluster": (one.label,)})
        assert browse.counts(snapshot, view, known).posts == len(there) == one.posts
        assert {post["id"] for post in browse.page(snapshot, view, known, 1)} == there
        assert selection.figures(snapshot, ExportOptions(where={"cluster": (one.label,)})).posts == one.posts
    listed = View(corpus="baseline", posts="x:7 x:8 x:nobody")
    assert {post["id"] for post in browse.page(snapshot, listed, known, 1)} == {"7", "8"}
    assert list(view_of("A", "baseline", listed.words(), ["x"]).named()) == ["7", "8", "nobody"]
    cluster = f"cluster={post_map.clusters[0].label}"
    made = inside("export", "--only", cluster, "--allow-small", "--out", tmp_path / "a", data=data)
    assert made.rc == 0, made.err
    assert (tmp_path / "a" / "train.txt").read_text("utf-8").count("@someone") == post_map.clusters[0].posts
    assert inside("export", "--only", "posts=x:7 x:8", "--allow-small", "--out", tmp_path / "b", data=data).rc == 0
    assert inside("forget", "--id", "7", "--yes", data=data).rc == 0
    assert not [path for path in (tmp_path / "b").rglob("*") if path.is_file() and b"x:7" in path.read_bytes()]
    gone = inside("export", "--only", cluster, "--out", tmp_path / "c", data=data)
    assert gone.rc != 0
    assert "There is no map of the corpus 'baseline'" in gone.err


def test_a_damaged_map_is_a_sentence_and_is_drawn_anew(mapped: Path, tmp_path: Path) -> None:
    """A manifest that nobody can read names the way on, which works."""
    data = tmp_path / "data"
    shutil.copytree(mapped, data)
    (data / "maps" / "baseline" / "manifest.json").write_text('{"files": [], "counts": {}}', encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"curation map baseline --again"):
        map_of(Workspace(data), "baseline")
    assert make_map(Workspace(data), "baseline", MapOptions()).status == "made"


def test_what_cannot_be_mapped_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few posts, a folder without a model, and a missing package."""
    data = tmp_path / "data"
    land(data, posts=9)
    with pytest.raises(NothingToDoError, match="keeps 9 posts"):
        make_map(Workspace(data), "baseline", MapOptions())
    with pytest.raises(UsageError, match="no such folder"):
        open_model(str(tmp_path / "nowhere"), 1)
    with pytest.raises(UsageError, match=r"no tokenizer\.json"):
        open_model(str(data), 1)
    monkeypatch.setattr(packages, "PACKAGES", {"opentsne": "no_such_module"})
    with pytest.raises(UsageError, match=r"needs opentsne, which is not installed.*curation\[map\]"):
        make_map(Workspace(data), "baseline", MapOptions())


class Counting(TextModel):
    """A model that counts texts, and dies after some."""

    name, identity, package = "counting", "counting 1", ""

    def __init__(self, dies_after: int = 10**9) -> None:
        self.seen: list[str] = []
        self._dies_after = dies_after

    def vectors(self, texts: Sequence[str]) -> Vectors:
        if len(self.seen) >= self._dies_after:
            raise KeyboardInterrupt
        self.seen += texts
        return of_length_one(np.array([[len(text), text.count("a"), 1] for text in texts], dtype=np.float32))


def test_a_text_is_read_once_even_if_the_process_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors that were computed before an interruption, or for another map, are not computed again."""
    monkeypatch.setattr(vectors, "AT_A_TIME", 4)
    space, texts = Workspace(tmp_path), [f"{number} {'a' * number}" for number in range(10)]
    with pytest.raises(KeyboardInterrupt):
        vectors.vectors_of([*texts, *texts], Counting(dies_after=8), 0, space, lambda done, total: None)
    rest = Counting()
    got = vectors.vectors_of([*texts, *texts, "new"], rest, 0, space, lambda done, total: None)
    assert rest.seen == [*texts[8:], "new"]
    assert np.abs(got[:21] - Counting().vectors([*texts, *texts, "new"])).max() < 2e-3  # they are kept in 16 bits
    for path in space.memo.rglob("*.npz"):
        path.write_bytes(b"damaged")
    assert np.array_equal(vectors.vectors_of(["new"], Counting(), 0, space, lambda done, total: None), got[20:])


def test_a_folder_with_a_vector_for_each_token_is_a_model(tmp_path: Path) -> None:
    """The form that model2vec writes: a text has the mean of its tokens' vectors, weighted where weights are there."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "tea": 1, "rain": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    rows = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32)
    save_file({"embeddings": rows, "weights": np.array([0, 3, 1], dtype=np.float32)}, tmp_path / "model.safetensors")
    model = open_model(str(tmp_path), 1)
    assert model is not None
    got = model.vectors(["tea", "tea rain", "", "unknown"])
    expected = of_length_one(np.array([[1, 0], [3, 1], [0, 0], [0, 0]], dtype=np.float32))
    assert np.allclose(got, expected)
    (tmp_path / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{broken")
    with pytest.raises(InputError, match="can't be loaded"):
        open_model(str(tmp_path), 1)


@given(st.integers(2, 90), st.integers(1, 6), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_few_vectors_get_their_true_neighbours(posts: int, number: int, seed: int) -> None:
    """With few posts every cell is looked at, so the answer is exact."""
    number = min(number, posts - 1)
    made = of_length_one(np.random.default_rng(seed).normal(size=(posts, 8)).astype(np.float32))
    places, similarities = nearest(made, number, seed, lambda done, total: None)
    products = made @ made.T
    np.fill_diagonal(products, -2)
    assert np.allclose(-np.sort(-products, axis=1)[:, :number], similarities, atol=1e-5)
    assert np.allclose(np.take_along_axis(products, places, axis=1), similarities, atol=1e-5)


def test_hills_are_clusters_and_lone_posts_are_none() -> None:
    """Two dense groups are two clusters, the larger one first; the largest sizes come first."""
    random = np.random.default_rng(0)
    groups = [random.normal((0.25, 0.25), 0.03, (400, 2)), random.normal((0.75, 0.7), 0.03, (200, 2))]
    points = np.clip(np.concatenate([*groups, [[0.02, 0.98]]]), 0, 1).astype(np.float32)
    cluster = clusters_of(points)
    assert (cluster[:400] == 0).mean() > 0.97
    assert (cluster[400:600] == 1).mean() > 0.97
    assert cluster[600] == -1


def test_addresses_and_names_are_not_read() -> None:
    """A post is read for what it says; one of nothing else is read as it is."""
    assert read_as("@mira see https://example.org/x the tide &amp; rain @tom@example.org") == "see the tide rain"
    assert read_as("@mira\0 https://example.org/x") == "@mira https://example.org/x"
    assert len(read_as("tide " * 1_000)) == 1_000
