"""From a training file back to what was downloaded, whatever is known and whatever is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.shell import inside, jsonl

LINE = [
    "file", "train-dataset", "run export", "curated-dataset", "run run", "raw-dataset", "run collect", "input-file",
]  # fmt: skip


def walk(path, data):
    """What `curation lineage --json` says, and its steps from the first to the last, where each has one before it."""
    said = inside("lineage", path, "--json", data=data)
    assert said.rc == 0, said.err
    step, kinds = said.json["tree"], []
    while step:
        kinds.append(f"run {step['job']}" if step["kind"] == "run" else step["kind"])
        step = step["from"][0] if step["from"] else None
    return said.json, kinds


def steps(tree):
    """All steps of a tree."""
    yield tree
    for before in tree["from"]:
        yield from steps(before)


def test_the_whole_way_back(made):
    """A file leads to its export, corpus, run, landing, collect and input, with versions and digests."""
    said, kinds = walk(made / "data/exports/baseline/train.jsonl", made / "data")
    assert kinds == LINE
    assert (said["known_by"], said["changed"]) == ("content", False)
    by_kind = {step["kind"]: step for step in steps(said["tree"])}
    assert by_kind["curated-dataset"]["downloaded"] == 5
    assert by_kind["input-file"]["place"] == str(made / "mira_of_the_fog-posts.jsonl")
    assert all(step["version"] == "v0" for kind, step in by_kind.items() if kind.endswith("dataset"))


def test_people_see_a_tree(made):
    """One line a step, each under what was made from it."""
    lines = inside("lineage", made / "data/exports/baseline/train.jsonl", data=made / "data").out.splitlines()
    assert len(lines) == len(LINE)
    assert [len(line) - len(line.lstrip(" └─")) for line in lines] == [3 * n for n in range(len(LINE))]
    assert lines[2].lstrip(" └─").startswith("curation export recipe=baseline format=jsonl")


def test_a_copy_elsewhere_is_found(made, tmp_path):
    """Content is what counts: another name in another folder is the same file."""
    copy = shutil.copy(made / "elsewhere/train.lines.txt", tmp_path / "copy.bin")
    assert walk(copy, made / "data")[1] == LINE


def test_a_changed_file_is_known_by_its_path(data, made):
    """What it was is told, and that it has changed."""
    path = data / "exports/baseline/train.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    said, kinds = walk(path, data)
    assert (said["known_by"], said["changed"], kinds) == ("path", True, LINE)
    assert "was changed since it was written there" in inside("lineage", path, data=data).err


def test_an_unknown_file_is_nothing_to_do(made, tmp_path):
    """Exit code 3 with a way out; a file that isn't there is another matter."""
    unknown = jsonl(tmp_path / "other.jsonl", [{"text": "who wrote this?"}])
    said = inside("lineage", unknown, data=made / "data")
    assert (said.rc, "Nobody knows the file" in said.complaint) == (3, True)
    assert inside("lineage", tmp_path / "nowhere", data=made / "data").rc == 1


@pytest.mark.parametrize("lost", ["all", "export", "run", "collect"])
def test_without_a_record_the_manifests_tell(data, lost):
    """A record that is gone leaves a gap in the runs, not in the way back to the input."""
    for path in (data / "runs").glob("*.json" if lost == "all" else f"*-{lost}-*.json"):
        path.unlink()
    said, kinds = walk(data / "exports/baseline/train.jsonl", data)
    gone = {"all": {"run export", "run run", "run collect", "input-file"}, "collect": {"run collect", "input-file"}}
    left = [kind for kind in LINE if kind not in gone.get(lost, {f"run {lost}"})]
    assert [kind for kind in kinds if kind != "input"] == left
    assert "mira_of_the_fog-posts.jsonl" in str([step["name"] for step in steps(said["tree"])][-1])


@pytest.mark.parametrize("what", ["raw", "curated"])
def test_a_landing_and_a_corpus_have_one_too(made, what):
    """By folder and by Parquet file."""
    [part] = (made / "data" / what).rglob("*.parquet")
    first = LINE.index({"raw": "raw-dataset", "curated": "curated-dataset"}[what])
    assert walk(part.parent, made / "data")[1] == LINE[first:]
    assert walk(part, made / "data")[1] == ["file", *LINE[first:]]


def test_a_compacted_landing_leads_to_its_parts(data, tmp_path):
    """Through the compaction to both collects, and running again makes the same version."""
    run = ("run", "--workers", "1")
    more = jsonl(tmp_path / "more.jsonl", [{"id": "9", "author": "tom", "text": "der Nebel lichtet sich über dem Kai"}])
    for words in (("collect", "file", more), run, ("compact",), (*run, "--again")):
        assert inside(*words, data=data).rc == 0
    said, kinds = walk(data / "curated/baseline", data)
    assert kinds[:2] == ["curated-dataset", "run run"]
    inputs = [Path(step["name"]).name for step in steps(said["tree"]) if step["kind"] == "input-file"]
    assert inputs == ["mira_of_the_fog-posts.jsonl", "more.jsonl"]
    made = [run["outputs"][0]["version"] for run in inside("runs", "--job", "run", "--json", data=data).json["runs"]]
    assert made == ["v1", "v1", "v0"]


def test_two_corpora_do_not_mix(data):
    """After another run of the recipe, an older file still leads to the corpus that it was made of."""
    assert inside("run", "--workers", "1", "--set", "min_words.min=9", data=data).rc == 0
    said, kinds = walk(data / "exports/baseline/train.jsonl", data)
    [corpus] = [step for step in steps(said["tree"]) if step["kind"] == "curated-dataset"]
    assert (kinds, corpus["version"]) == (LINE, "v0")
