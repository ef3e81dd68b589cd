"""`curation run --data s3://…`: landings and corpus are objects, and the rows are those of one machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curation.collecting.collection import collect
from curation.corpus.corpus import Corpus
from curation.disk.manifest import MANIFEST
from curation.disk.objects import ObjectFolder
from curation.sources import open_source
from tests.cli.shell import Said, inside
from tests.cli.test_sample import ARCHIVE, JSONL, TABLE
from tests.cluster.clusters import ROOT, DaskCluster, dask_cluster, wait_until

RULES = Path(__file__).with_name("slow_rules.py")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace of the sample."""
    for source, target in (("x-archive", ARCHIVE), ("file", JSONL), ("file", TABLE)):
        collect(tmp_path / "data", open_source(source, [str(target)], {}))
    return tmp_path / "data"


@pytest.fixture
def cluster(in_moto: ObjectFolder, tmp_path: Path) -> object:
    """A Dask cluster whose workers have the credentials of the store."""
    with dask_cluster(tmp_path / "dask") as running:
        yield running


def words(recipe: str | Path, objects: ObjectFolder, cluster: DaskCluster, *more: str) -> list[str]:
    """A command line."""
    return ["run", str(recipe), "--data", objects.url, "--engine", "dask", "--scheduler", cluster.address, *more]


def posts(data: Path, recipe: str) -> pl.DataFrame:
    """All columns of all posts."""
    return Corpus.open(data, recipe).query("SELECT * FROM posts ORDER BY platform, id")


def names(objects: ObjectFolder, below: str = "") -> set[str]:
    """The objects that there are."""
    return {entry.name for entry in objects.entries(below)}


def whole(objects: ObjectFolder, recipe: str) -> bool:
    """Whether the store has the files of a corpus, and no other one outside of the landings."""
    files = json.loads(objects.read(f"curated/{recipe}/{MANIFEST}"))["files"]
    expected = {f"curated/{recipe}/{name}" for name in (*files, MANIFEST)}
    return {name for name in names(objects) if not name.startswith("raw/")} == expected


def test_the_rows_are_those_of_one_machine(
    in_moto: ObjectFolder, cluster: DaskCluster, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every column of every post; then nothing is to do, then what landed since, and other thresholds alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert inside("upload", in_moto.url, data=data).rc == 0
    more: list[str]
    for more in ([], ["--set", "min_words.min=5"]):
        assert inside("run", "strict", *more, data=data).rc == 0
        result = inside(*words("strict", in_moto, cluster, *more, "--json"))
        assert result.rc == 0, result.err
        assert result.json["folder"] == f"{in_moto.url}/curated/strict"
        assert inside("fetch", in_moto.url, data=tmp_path / "copy").rc == 0
        assert posts(tmp_path / "copy", "strict").equals(posts(data, "strict"))
        assert whole(in_moto, "strict")
    again = inside(*words("strict", in_moto, cluster, "--set", "min_words.min=5", "--json"))
    assert again.json["status"] == "unchanged"
    (tmp_path / "new.jsonl").write_text('{"id": "new", "author": "mira", "text": "rain over the harbour again"}')
    inside("collect", "file", tmp_path / "new.jsonl", data=data)
    inside("upload", in_moto.url, data=data)
    downloaded = inside(*words("strict", in_moto, cluster, "--json")).json["counts"]["downloaded"]
    assert downloaded == inside("run", "strict", "--json", data=data).json["counts"]["downloaded"]


def slow(tmp_path: Path, seconds: float) -> Path:
    """A recipe that takes its time; the file `calls` has a line for each shard that was begun."""
    path = tmp_path / "slow.toml"
    path.write_text(
        f'name = "slow"\n[[rule]]\nuse = "exact_duplicate"\n[[rule]]\nuse = "dawdling"\nseconds = {seconds}\n'
        f'calls = "{tmp_path / "calls"}"\n'
    )
    return path


#: `curation` with a shard for each landing, however small they are.
A_SHARD_EACH = """
from curation.engines import engine
cut = engine.portions
engine.portions = lambda files, posts: cut(files, 1)
from curation.__main__ import main
main()
"""


def begin(command: list[str], cache: Path) -> subprocess.Popen[str]:
    """A command in a process of its own, with a mirror of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)}
    line = [sys.executable, "-W", "ignore", "-c", A_SHARD_EACH, *command, "--rules", str(RULES)]
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> Said:
    """What a process printed, once it has ended."""
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


def test_of_two_runs_one_wins(in_moto: ObjectFolder, cluster: DaskCluster, data: Path, tmp_path: Path) -> None:
    """The slower one says so; the corpus is that of the other one, and nothing is left of its own."""
    inside("upload", in_moto.url, data=data)
    command = words(slow(tmp_path, 1), in_moto, cluster)
    assert ended(begin(command, tmp_path / "cache")).rc == 0
    rival = in_moto.read(f"curated/slow/{MANIFEST}") + b"\n"
    before, calls = names(in_moto, "curated"), (tmp_path / "calls").read_text()
    slower = begin([*command, "--again"], tmp_path / "cache")
    wait_until(lambda: (tmp_path / "calls").read_text() != calls, lambda: str(slower.communicate()))
    in_moto.send(f"curated/slow/{MANIFEST}", rival)
    result = ended(slower)
    assert result.rc == 1
    assert result.complaint.startswith(f"Another run has put a corpus 'slow' into {in_moto.url} since this one began.")
    assert in_moto.read(f"curated/slow/{MANIFEST}") == rival
    assert names(in_moto, "curated") == before
    assert ended(begin([*command, "--again"], tmp_path / "cache")).rc == 0
    assert whole(in_moto, "slow")


def test_a_killed_run_goes_on(in_moto: ObjectFolder, cluster: DaskCluster, data: Path, tmp_path: Path) -> None:
    """It repeats less than a shard a worker, and leaves no object behind."""
    inside("upload", in_moto.url, data=data)
    command = words(slow(tmp_path, 0.5), in_moto, cluster)
    calls = tmp_path / "calls"
    killed = begin(command, tmp_path / "cache")
    wait_until(lambda: calls.exists() and calls.read_text().count(".") >= 3, lambda: str(killed.communicate()))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert {name.partition("/")[0] for name in names(in_moto)} == {"raw", ".work"}
    assert ended(begin(command, tmp_path / "cache")).rc == 0
    landings = len(in_moto.folders("raw"))
    assert landings < calls.read_text().count(".") <= landings + 2
    assert whole(in_moto, "slow")


def test_a_worker_without_credentials(
    in_moto: ObjectFolder, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, and no corpus."""
    inside("upload", in_moto.url, data=data)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with dask_cluster(tmp_path / "dask", workers=0) as cluster:
        cluster.start_worker(AWS_ENDPOINT_URL="http://127.0.0.1:9")
        monkeypatch.setattr("curation.disk.objects.PATIENCE", __import__("datetime").timedelta(seconds=1))
        result = inside(*words("baseline", in_moto, cluster))
    assert result.rc == 1
    assert "Can't reach s3://" in result.complaint
    assert not names(in_moto, "curated")


def test_what_a_store_lacks_is_said(
    in_moto: ObjectFolder, stores: dict[str, object], cluster: DaskCluster, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """No landing, no conditional writes, no engine of a cluster: each with the way on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    result = inside(*words("baseline", in_moto, cluster))
    assert (result.rc, f"curation upload {in_moto.url} --data DIR" in result.complaint) == (3, True)
    result = inside("run", "--data", in_moto.url)
    assert (result.rc, f"curation fetch {in_moto.url} --data DIR" in result.complaint) == (2, True)
