"""Compaction: fewer folders, and everything that can be asked of them has the same answer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus import curate as curating
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.explain import explain
from curation.corpus.run_context import RunContext
from curation.disk import compaction
from curation.disk.compaction import compact
from curation.disk.landings import originals
from curation.disk.manifest import read_manifest
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, WorkspaceError
from curation.posts import RAW_SCHEMA
from curation.recipes.recipe import Recipe
from tests.cli.shell import environment, inside
from tests.collecting.test_landing import ROOT, Partial, given_posts, numbers

RECIPE = {"name": "own", "rule": [{"use": "min_words"}, {"use": "exact_duplicate"}]}


def engine() -> LocalEngine:
    """One worker."""
    return LocalEngine(workers=1)


def rows(data: Path) -> list[dict[str, Any]]:
    """All rows that have landed, in an order of their own, but for the one in which versions came."""
    found = [
        row
        for folder in Workspace(data).landings()
        for name in read_manifest(folder)["files"]
        for row in pq.read_table(folder / name).to_pylist()
    ]
    return sorted(found, key=lambda row: row["landing"])


def curated(data: Path, **how: Any) -> tuple[str, list[tuple[Any, ...]], Any]:
    """Whether a run had anything to do, the posts with their verdicts, and the counts."""
    done = curate(data, Recipe.parse(RECIPE), context=RunContext(engine()), **how)
    posts = done.corpus.rows(
        "SELECT id, text, raw_text, matched, duplicate_of, landing FROM posts ORDER BY platform, id"
    )
    return done.status, posts, done.corpus.manifest["counts"]


landings = st.lists(
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from(("fog", "rain on me", "RAIN on me"))), min_size=1, max_size=6
    ),
    min_size=2,
    max_size=5,
)


@given(landings, st.integers(0, 3), st.sampled_from([2, 5, 1000]))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_compacting_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, inputs: list[list[tuple[int, str]]], between: int, bound: int
) -> None:
    """Ids, texts, versions, counts and a run's result stay, however large a file may be and however often."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compaction, "FILE_ROWS", bound)
        for number, posts in enumerate(inputs):
            land(data, given_posts(*({"id": str(i), "text": text} for i, text in posts)))
            if number == between:
                try_to_compact(data)
        before, verdicts = rows(data), curated(data)
        said = [each for folder in Workspace(data).landings() for each in originals(folder)]
        try_to_compact(data)
        assert rows(data) == before
        assert curated(data) == ("unchanged", *verdicts[1:])
        assert curated(data, again=True)[1:] == verdicts[1:]
        after = [each for folder in Workspace(data).landings() for each in originals(folder)]
        assert sorted(after, key=number_of) == sorted(said, key=number_of)
        for posts in inputs[-1:]:
            assert land(data, given_posts(*({"id": str(i), "text": text} for i, text in posts))).status == "unchanged"


def number_of(manifest: dict[str, Any]) -> str:
    """The landing's name."""
    return str(manifest["landing"])


def try_to_compact(data: Path) -> None:
    """Compact if there is anything to compact."""
    try:
        compact(data)
    except NothingToDoError:
        return


def few(data: Path, number: int = 3) -> Path:
    """A workspace with some landings, of which the last has a newer version of the first's post."""
    for index in range(number):
        land(data, given_posts({"id": str(index), "text": f"rain on {index} of us"}, {"id": "0", "like_count": index}))
    return data


def test_several_folders_become_one(tmp_path: Path) -> None:
    """The new folder has the raw schema, sums, and what it replaces; the old ones are gone and numbers go on."""
    done = compact(few(tmp_path))
    [folder] = Workspace(tmp_path).landings()
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["000003-compacted"] == [folder.name]
    assert done.replaced == ("000001-given", "000002-given", "000003-given")
    manifest = read_manifest(folder)
    assert manifest["counts"]["rows"] == done.rows == sum(said["counts"]["rows"] for said in originals(folder)) == 6
    assert manifest["counts"]["newer"] == sum(said["counts"]["newer"] for said in originals(folder)) > 0
    assert [said["landing"] for said in originals(folder)] == list(done.replaced)
    assert pq.read_schema(folder / manifest["files"][0]).equals(RAW_SCHEMA)
    land(tmp_path, given_posts({"id": "new"}))
    assert [path.name for path in Workspace(tmp_path).landings()] == ["000003-compacted", "000004-given"]
    assert compact(tmp_path).folder.name == "000004-compacted"
    assert numbers(land(tmp_path, given_posts({"id": "new"}))) == ("unchanged", 0, 0, 1)


def test_it_waits_for_a_landing(tmp_path: Path) -> None:
    """While another process lands, nothing is compacted; then the command goes on."""
    lands = few(tmp_path) and Workspace(tmp_path).lock("raw")
    notices: list[str] = []

    def waiting(notice: str) -> None:
        notices.append(notice)
        assert len(Workspace(tmp_path).landings()) == 3
        lands.__exit__(None, None, None)

    lands.__enter__()
    assert compact(tmp_path, waiting=waiting).rows == 6
    assert len(notices) == 1


def test_large_folders_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large enough is left as it is, and a file is not made larger than the bound."""
    land(tmp_path, given_posts(*({"id": str(n)} for n in range(9))))
    few(tmp_path, 5)
    monkeypatch.setattr(compaction, "FILE_ROWS", 5)
    done = compact(tmp_path)
    assert done.left == 1
    assert [path.name for path in Workspace(tmp_path).landings()] == ["000001-given", "000006-compacted"]
    sizes = [pq.read_metadata(done.folder / name).num_rows for name in done.files]
    assert max(sizes) <= 5
    assert len(sizes) > 1


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_to_compact_is_said(tmp_path: Path, number: int) -> None:
    """No landing, or a single one: exit 3 and a sentence, and nothing changes."""
    few(tmp_path, number)
    said = inside("compact", data=tmp_path)
    assert (said.rc, said.out) == (3, "")
    assert "nothing to compact" in said.complaint
    assert [path.name for path in tmp_path.glob("raw/*")] == [f"00000{n}-given" for n in range(1, number + 1)]


def test_rejected_records_keep_their_landing(tmp_path: Path) -> None:
    """What could not be read is still known, with the landing it belongs to, twice compacted too."""
    for index in range(3):
        land(tmp_path, Partial([{"id": str(index)}]))
        try_to_compact(tmp_path)
    [folder] = Workspace(tmp_path).landings()
    lines = [json.loads(line) for line in (folder / "rejected.jsonl").read_text().splitlines()]
    assert [(line["landing"], line["where"]) for line in lines] == [
        (f"00000{n}-given", "given.csv:9") for n in (1, 2, 3)
    ]
    assert read_manifest(folder)["complete"] is False


def test_a_damaged_landing_is_named_and_nothing_changes(tmp_path: Path) -> None:
    """A file that can't be read stops the compaction before anything is replaced."""
    [*_, last] = Workspace(few(tmp_path)).landings()
    path = last / "part-00000.parquet"
    whole = path.read_bytes()
    path.write_bytes(b"PAR1" + bytes(len(whole) // 2 - 4) + whole[len(whole) // 2 :])
    with pytest.raises(WorkspaceError, match="part-00000"):
        compact(tmp_path)
    assert len(Workspace(tmp_path).landings()) == 3


def test_a_landing_put_back_from_a_copy_does_not_count_twice(tmp_path: Path) -> None:
    """A folder that a compacted one replaces is passed over, and swept."""
    few(tmp_path)
    shutil.copytree(tmp_path / "raw" / "000001-given", tmp_path / "copy")
    compact(tmp_path)
    before = rows(tmp_path)
    shutil.copytree(tmp_path / "copy", tmp_path / "raw" / "000001-given")
    assert rows(tmp_path) == before
    Workspace(tmp_path).sweep()
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["000003-compacted"]


def test_a_run_survives_a_compaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose landings are replaced under it reads the new ones and gives what it would have given."""
    few(tmp_path)
    expected = curated(tmp_path)
    begin, times = curating.landed_files, []

    def meanwhile(folders: list[Path]) -> list[Path]:
        files = begin(folders)
        times.append(len(files))
        if len(times) == 1:
            compact(tmp_path)
        return files

    monkeypatch.setattr(curating, "landed_files", meanwhile)
    assert curated(tmp_path, again=True) == ("complete", *expected[1:])
    assert times == [3, 1]


def test_what_cannot_be_read_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A landing that is damaged, not replaced, is said at once."""
    few(tmp_path)
    (tmp_path / "raw/000002-given/part-00000.parquet").unlink()
    times: list[int] = []
    begin = curating.landed_files
    monkeypatch.setattr(curating, "landed_files", lambda folders: times.append(1) or begin(folders))
    with pytest.raises(WorkspaceError, match=r"part-00000\.parquet is missing"):
        curated(tmp_path)
    assert times == [1]


READER = """
import sys
from pathlib import Path
from curation.corpus.corpus import Corpus
from curation.corpus.explain import explain
from curation.disk.workspace import Workspace
space, read = Workspace(Path(sys.argv[1])), 0
corpus = Corpus.open(space, "own")
while not Path(sys.argv[2]).exists():
    assert explain(space, corpus, "0").post["like_count"] == 2
    read += 1
    print(read, flush=True)
"""


def test_readers_never_fail(tmp_path: Path) -> None:
    """`explain` in a loop answers all the time while landings come and are compacted."""
    data = few(tmp_path / "data")
    curated(data)
    over = tmp_path / "over"
    command = [sys.executable, "-c", READER, str(data), str(over)]
    reader = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**environment(), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    for index in range(8):
        land(data, given_posts({"id": f"more {index}"}))
        compact(data)
    over.touch()
    out, err = reader.communicate(timeout=60)
    assert (reader.returncode, err) == (0, "")
    assert out.splitlines()


def test_explain_finds_the_latest_version(tmp_path: Path) -> None:
    """The latest landing counts in a compacted folder as before."""
    few(tmp_path)
    curated(tmp_path)
    compact(tmp_path)
    space = Workspace(tmp_path)
    assert explain(space, Corpus.open(space, "own"), "0").post["like_count"] == 2
