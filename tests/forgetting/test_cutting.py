"""Forgotten posts in exported files: they go, and every other byte stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.disk import export_manifest
from curation.disk.ranges import Ranges
from curation.exports import export
from curation.exports.formats import parquet
from curation.forgetting.forget import ForgetRequest, Forgotten, forget
from curation.recipes.recipe import Recipe
from tests.collecting.test_landing import given_posts
from tests.corpora import TIME

RECIPE = Recipe.parse({"name": "own", "rule": [{"use": "exact_duplicate"}, {"use": "min_words", "min": 1}]})
CUTTABLE = ["text", "lines", "jsonl", "parquet"]
TEXTS = ["The fog came early.", "霧は早く来た。", "جاء الضباب مبكرا", "หมอกมาเร็ว", "fog 🌫️\nand “rain”", "<|endoftext|>"]


def workspace(folder: Path, posts: int) -> Corpus:
    """A corpus of so many posts by three authors, each of a day of its own."""
    rows: list[dict[str, Any]] = [
        {
            "id": str(n + 1),
            "author": ("mira", "tom", "zoe")[n % 3],
            "text": f"{TEXTS[n % len(TEXTS)]} {n}",
            "created_at": int(TIME.timestamp()) + 86_400 * n,
        }
        for n in range(posts)
    ]
    land(folder, given_posts(*rows))
    return curate(folder, RECIPE).corpus


def files(folder: Path) -> dict[str, bytes]:
    """The training files of a folder."""
    said = export_manifest.read(folder) or []
    return {name: (folder / name).read_bytes() for one in said for name in one.names if name != "README.md"}


def without(folder: Path, name: str, ids: set[str]) -> bytes | list[dict[str, Any]]:
    """A file with what the ranges say of some posts taken out by hand; of a table its rows."""
    found = Ranges.of(folder, name)
    assert found
    rows = pl.read_parquet(found.path).filter(~pl.col("id").is_in(ids)).sort("begin")
    if found.unit == "rows":
        table = pq.read_table(folder / name).to_pylist()
        return [table[begin] for begin in rows["begin"]]
    content = (folder / name).read_bytes()
    first = pl.read_parquet(found.path)["begin"].min() if rows.height else 0
    parts = [content[begin:end] for begin, end in zip(rows["begin"], rows["end"], strict=True)]
    return content[:first] + b"".join(parts) if parts else b""


def pieces(folder: Path, name: str) -> list[tuple[str, Any]]:
    """What stands where the ranges of a file say that a post is, with the post's id."""
    found = Ranges.of(folder, name)
    assert found
    content = pq.read_table(folder / name).to_pylist() if found.unit == "rows" else (folder / name).read_bytes()
    rows = pl.read_parquet(found.path).sort("begin").select("id", "begin", "end")
    return [(id, content[begin:end]) for id, begin, end in rows.iter_rows()]


@given(
    st.sets(st.integers(1, 30), min_size=1, max_size=30),
    st.sampled_from(["random", "time", "conversation"]),
    st.sampled_from([0.0, 0.3]),
    st.booleans(),
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_forgetting_takes_out_the_post_and_nothing_else(tmp_path_factory, gone, split, valid, balance):
    """Whatever decided on the sides, and however authors were balanced, all other bytes are as they were."""
    data = tmp_path_factory.mktemp("data")
    ids = {str(number) for number in gone}
    corpus = workspace(data, 30)
    out = data / "exports" / "own"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parquet, "ROW_GROUP", 7)
        options = {"valid": valid, "split": split if valid else "random", "balance": balance, "epochs": 2}
        export(corpus, CUTTABLE, out, allow_small=True, **options)
        expected = {name: without(out, name, ids) for name in files(out)}
        stays = {name: [piece for piece in pieces(out, name) if piece[0] not in ids] for name in expected}
        before = {name: (out / name).stat().st_mtime_ns for name in expected}
        done = forget(data, ForgetRequest(tuple(ids)))
        if len(ids) == 30:
            assert [each.outcome for each in done.changes["exports"]] == ["deleted", "deleted"]
            assert not out.exists() or list(out.iterdir()) == []
            return
        for name, content in expected.items():
            now = pq.read_table(out / name).to_pylist() if name.endswith(".parquet") else (out / name).read_bytes()
            assert now == content
        for said in (file for one in export_manifest.read(out) for file in one.files if file["split"]):
            found = Ranges.of(out, said["name"])
            assert found
            assert found.sha256 == said["sha256"]
            left = pl.read_parquet(found.path)
            assert said["posts"] == left["id"].n_unique()
            assert pieces(out, said["name"]) == stays[said["name"]]
            if said["name"] not in {name for each in done.changes["exports"] for name in each.files}:
                assert (out / said["name"]).stat().st_mtime_ns == before[said["name"]]
        if not valid and not balance:
            export(Corpus.open(data, "own"), CUTTABLE, data / "fresh", allow_small=True, **options)
            assert files(data / "fresh") == files(out)


def outcomes(done: Forgotten) -> dict[str, str]:
    """What became of each file."""
    return {name: each.outcome for each in done.changes["exports"] for name in each.files}


def test_a_file_that_holds_none_of_it_is_not_touched(tmp_path):
    """Of a split the side without the post stays, and so does an export of other posts."""
    corpus = workspace(tmp_path, 12)
    out = tmp_path / "exports" / "own"
    export(corpus, ["jsonl"], out, valid=0.5)
    export(corpus, ["lines"], tmp_path / "exports" / "tom", authors=["tom"])
    one = json.loads((out / "valid.jsonl").read_text().splitlines()[0])
    done = forget(tmp_path, ForgetRequest((one["id"],)))
    assert outcomes(done).get("valid.jsonl") == "cut"
    assert "train.jsonl" not in outcomes(done)
    assert ("train.lines.txt" in outcomes(done)) == (one["author"] == "tom")
    # The card still finds the export to be one of the corpus.
    assert all(
        each.made_of == tuple(Corpus.open(tmp_path, "own").manifest["files"]) for each in export_manifest.read(out)
    )


def test_a_file_that_somebody_changed_is_made_again(tmp_path):
    """Ranges of another file say nothing; made again, it has no post that was forgotten."""
    corpus = workspace(tmp_path, 12)
    out = tmp_path / "exports" / "own"
    export(corpus, ["lines"], out)
    (out / "train.lines.txt").write_text("mine\n" + (out / "train.lines.txt").read_text())
    assert outcomes(forget(tmp_path, ForgetRequest(("1",)))) == {"train.lines.txt": "made again"}
    text = (out / "train.lines.txt").read_text()
    assert "mine" not in text
    assert len(text.splitlines()) == 11


def test_an_export_of_an_older_run_keeps_what_it_had(tmp_path):
    """What has landed since does not come into it by forgetting."""
    out = tmp_path / "exports" / "own"
    export(workspace(tmp_path, 9), ["lines"], out)
    land(tmp_path, given_posts({"id": "later", "author": "mira", "text": "A later post of the fog."}))
    curate(tmp_path, RECIPE)
    before = (out / "train.lines.txt").read_text().splitlines()
    assert outcomes(forget(tmp_path, ForgetRequest(("1",)))) == {"train.lines.txt": "cut"}
    assert (out / "train.lines.txt").read_text().splitlines() == [line for line in before if not line.endswith(" 0")]


def test_conversations_are_made_again_with_the_others_where_they_were(tmp_path):
    """A conversation that loses a post is written anew; every other record stays on its side, byte for byte."""
    rows = []
    for n in range(24):
        rows.append({"id": f"{n}a", "author": "tom", "text": f"A question about fog, number {n}?"})
        rows.append({"id": f"{n}b", "author": "mira", "text": f"An answer about rain, {n}.", "reply_to": f"{n}a"})
        rows.append({"id": f"{n}c", "author": "tom", "text": f"And then, {n}?", "reply_to": f"{n}b"})
        rows.append({"id": f"{n}d", "author": "mira", "text": f"Then it stopped, {n}.", "reply_to": f"{n}c"})
    land(tmp_path, given_posts(*rows))
    out = tmp_path / "exports" / "own"
    export(curate(tmp_path, RECIPE).corpus, ["chat"], out, valid=0.3, near=0, authors=["mira"])
    sides = {split: (out / f"{split}.chat.jsonl").read_text().splitlines() for split in ("train", "valid")}
    assert all(sides.values())
    # The post that holds the two halves of a conversation together.
    done = forget(tmp_path, ForgetRequest(tuple(f"{n}b" for n in range(24))))
    assert set(outcomes(done).values()) == {"made again"}
    for split, lines in sides.items():
        now = (out / f"{split}.chat.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in now] == [json.loads(line)["ids"][3] for line in lines]
    assert "rain" not in (out / "train.chat.jsonl").read_text() + (out / "valid.chat.jsonl").read_text()


def test_a_part_of_a_thread_takes_the_thread_out(tmp_path):
    """The file has the text of the part in that of the first post, which goes with it."""
    thread = [
        {"id": "1", "text": "The fog came early today."},
        {"id": "2", "text": "My sister wept at the pier.", "reply_to": "1"},
        {"id": "3", "text": "It stayed for lunch again."},
    ]
    land(tmp_path, given_posts(*thread))
    corpus = curate(tmp_path, Recipe.parse({"name": "threads", "rule": [{"use": "thread"}]})).corpus
    out = tmp_path / "exports" / "threads"
    export(corpus, ["jsonl"], out)
    assert "wept" in (out / "train.jsonl").read_text()
    assert outcomes(forget(tmp_path, ForgetRequest(("2",)))) == {"train.jsonl": "cut"}
    assert [json.loads(line)["id"] for line in (out / "train.jsonl").read_text().splitlines()] == ["3"]


def test_a_forgotten_author_is_in_no_option_and_on_no_card(tmp_path):
    """The record of the export and the card beside it don't name who is gone."""
    out = tmp_path / "exports" / "own"
    export(workspace(tmp_path, 12), ["parquet"], out, authors=["mira", "zoe"])
    assert "mira" in (out / "README.md").read_text()
    done = forget(tmp_path, ForgetRequest(authors=("mira",)))
    assert outcomes(done) == {"data/train-00000-of-00001.parquet": "cut", "README.md": "made again"}
    said = [path for path in out.rglob("*") if path.is_file() and b"mira" in path.read_bytes()]
    assert said == []
    assert export_manifest.read(out)[0].options["authors"] == ["zoe"]
