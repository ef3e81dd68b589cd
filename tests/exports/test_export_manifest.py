"""What a folder remembers of the exports that lie in it."""

from __future__ import annotations

import hashlib
import json

import pytest

from curation.disk import export_manifest
from curation.disk.workspace import Workspace
from curation.exports import export
from tests.corpora import TIME, write_corpus


def said(folder):
    """What the record holds."""
    return json.loads((folder / export_manifest.RECORD).read_text(encoding="utf-8"))


def test_the_record_says_what_every_file_is_and_was_made_of(tmp_path):
    """Recipe, formats, options, digests and the corpus's files are those of the export."""
    corpus = write_corpus(tmp_path, [{"text": f"post {n}", "author": "mira"} for n in range(9)])
    out = Workspace(tmp_path).exports / "invented"
    export(corpus, ["jsonl", "lines"], out, valid=0.4, seed=3, authors=["mira"])
    [one] = said(out)["exports"]
    assert said(out)["schema"] == 1
    assert (one["recipe"], one["formats"], one["made_of"]) == ("invented", ["jsonl", "lines"], ["part-00000.parquet"])
    assert one["options"] == {"valid": 0.4, "balance": False, "seed": 3, "authors": ["mira"]}
    assert {file["name"]: file["sha256"] for file in one["files"]} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.glob("[!.]*")
        if path.name != "export.json"
    }


def test_the_record_repeats_the_split(tmp_path):
    """What decided on the sides is an option of the record, and the options make the same files again."""
    rows = [{"text": f"post {n}", "created_at": None if n == 3 else TIME.replace(day=n + 1)} for n in range(9)]
    corpus = write_corpus(tmp_path, rows)
    export(corpus, ["jsonl"], tmp_path / "one", valid=0.4, split="time")
    [one] = export_manifest.read(tmp_path / "one")
    assert one.options["split"] == "time"
    export(corpus, one.formats, tmp_path / "two", **one.options)
    for name in one.names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() != b""


def test_a_file_belongs_to_the_export_that_wrote_it_last(tmp_path):
    """Files of several exports lie side by side, each under the options it was made with."""
    corpus = write_corpus(tmp_path, [{"text": f"post {n}"} for n in range(9)])
    out = tmp_path / "exports" / "invented"
    export(corpus, ["jsonl", "lines"], out)
    export(corpus, ["jsonl"], out, seed=1)
    assert [(each.options["seed"], each.names) for each in export_manifest.read(out)] == [
        (0, ("train.lines.txt",)), (1, ("train.jsonl",)),
    ]  # fmt: skip
    export(corpus, ["lines"], out, seed=2)
    assert [(each.options["seed"], each.names) for each in export_manifest.read(out)] == [
        (1, ("train.jsonl",)), (2, ("train.lines.txt",)),
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["elsewhere", "data/training", "data/exports/mine"])
def test_a_folder_elsewhere_is_remembered_once(tmp_path, place):
    """Only what does not lie among the workspace's exports needs a note, and two exports need no second one."""
    corpus = write_corpus(tmp_path / "data", [{"text": "post"}])
    for seed in (1, 2):
        export(corpus, ["jsonl"], tmp_path / place, seed=seed)
    found = [folder for folder, _ in export_manifest.elsewhere(Workspace(tmp_path / "data"))]
    assert found == ([] if "exports" in place else [tmp_path / place])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"exports": 1}', '{"exports": [{}]}', '{"exports": [{"files": [{"name": "../x"}]}]}']
)
def test_a_damaged_record_is_no_record(tmp_path, text):
    """What can't be read, or names a file outside of the folder, says nothing."""
    (tmp_path / export_manifest.RECORD).write_text(text)
    assert export_manifest.read(tmp_path) is None


def test_an_export_goes_on_where_nothing_can_be_noted(tmp_path):
    """Where the workspace can't be written the export is made, with a warning that it will not be known."""
    corpus = write_corpus(tmp_path / "data", [{"text": "post"}])
    (tmp_path / "data" / "exports").write_text("a file is in the way")
    [warning] = export(corpus, ["jsonl"], tmp_path / "out").warnings
    assert "nobody will know of this export" in warning
    assert (tmp_path / "out" / "train.jsonl").exists()


def test_a_corpus_that_is_replaced_while_it_is_exported_is_exported_again(tmp_path, monkeypatch):
    """What was read of the older corpus does not stay: a post may have been forgotten in between."""
    corpus = write_corpus(tmp_path, [{"text": "old fog"}])
    remember, times = export_manifest.remember, []

    def meanwhile(space, out):
        times.append(out)
        if len(times) == 1:
            other = write_corpus(tmp_path / "other", [{"text": "new fog"}], parts=2)
            for path in other.folder.iterdir():
                path.replace(corpus.folder / path.name)
        remember(space, out)

    monkeypatch.setattr(export_manifest, "remember", meanwhile)
    export(corpus, ["lines"], tmp_path / "exports" / "invented")
    assert (tmp_path / "exports/invented/train.lines.txt").read_text() == "new fog\n"
    assert len(times) == 2
