"""Near copies are kept beside the corpus, and change nothing but the time of the next export."""

from __future__ import annotations

import pytest

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.exports import export
from curation.exports.choosing import near_groups
from curation.exports.choosing.near_store import NearStore
from curation.exports.preview import preview
from curation.options.export import ExportOptions
from tests.corpora import write_corpus
from tests.exports.test_near_groups import planted

#: Options that ask for other near copies than a plain split does: of some posts only, of all, of texts more alike.
OPTIONS = [{}, {"split": "time", "seed": 3}, {"authors": ("mira",)}, {"caps": ("author=20",)}, {"near": 0.8},
           {"split": "conversation"}]  # fmt: skip


def files_of(corpus: Corpus, out, **options) -> list[bytes]:
    """Both sides."""
    export(corpus, ["jsonl"], out, valid=0.3, **options)
    return [(out / f"{side}.jsonl").read_bytes() for side in ("train", "valid")]


@pytest.fixture
def corpus(tmp_path):
    """With near copies by two authors."""
    rows = [{**row, "author": ("mira", "tom")[n % 3 == 0]} for n, row in enumerate(planted(4))]
    return write_corpus(tmp_path, rows, parts=2)


def kept(corpus: Corpus) -> list[str]:
    """Names of the kept files."""
    return sorted(path.name for path in (corpus.folder / ".near").glob("*"))


def test_an_export_from_kept_near_copies_has_the_same_bytes(corpus, tmp_path, monkeypatch):
    """Whatever is asked for; and where nothing can differ, nothing is searched."""
    first = []
    for number, options in enumerate(OPTIONS):
        first.append(files_of(corpus, tmp_path / f"first-{number}", **options))
        for path in (corpus.folder / ".near").glob("*"):
            path.unlink()
    files_of(corpus, tmp_path / "out")
    assert kept(corpus) == ["0.7.parquet"]
    assert [files_of(corpus, tmp_path / f"again-{n}", **options) for n, options in enumerate(OPTIONS)] == first
    monkeypatch.setattr(near_groups, "join_near", None)
    assert [files_of(corpus, tmp_path / f"known-{n}", **OPTIONS[n]) for n in (0, 1, 5)] == [first[n] for n in (0, 1, 5)]


@pytest.mark.parametrize("stale", ["another version", "another corpus", "damaged", "cut short"])
def test_stale_or_damaged_near_copies_are_ignored(corpus, tmp_path, monkeypatch, stale):
    """And the next export replaces them."""
    first = files_of(corpus, tmp_path / "first")
    path = corpus.folder / ".near" / "0.7.parquet"
    content = path.read_bytes()
    if stale == "another version":
        monkeypatch.setattr(near_groups, "VERSION", 0)
    elif stale == "another corpus":
        files = [*corpus.manifest["files"]]
        assert NearStore(Corpus(corpus.folder, {**corpus.manifest, "files": files[:-1]})).threshold(0.7) is None
        return
    else:
        path.write_bytes(content[: len(content) // 2] if stale == "cut short" else b"PAR1" + content[4:40] + b"x" * 9)
    assert NearStore(corpus).threshold(0.7) is None
    assert files_of(corpus, tmp_path / "again") == first
    assert (path.read_bytes() == content) == (stale != "another version")


def test_a_preview_keeps_nothing(corpus):
    """Who only looks writes nothing; what an export has kept serves a preview, too."""
    options = ExportOptions(formats=("jsonl",), valid=0.3)
    before = preview(corpus, "jsonl", options)
    assert not (corpus.folder / ".near").exists()
    files_of(corpus, corpus.folder.parent.parent / "out")
    assert preview(corpus, "jsonl", options) == before


def test_nothing_is_kept_while_a_run_replaces_the_corpus(corpus, tmp_path):
    """The files that it would be of are about to go."""
    with Workspace(corpus.folder.parent.parent).lock(f"run-{corpus.folder.name}"):
        files_of(corpus, tmp_path / "out")
    assert not kept(corpus)
