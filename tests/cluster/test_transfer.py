"""`curation upload` and `curation fetch`: what lies in one workspace comes whole into another one."""

from __future__ import annotations

import json
from pathlib import Path

from curation.disk.manifest import MANIFEST
from curation.disk.objects import ObjectFolder
from tests.cli.shell import inside, landed


def collect(data: Path, name: str, *texts: str) -> None:
    """Land a file of posts by mira."""
    lines = [json.dumps({"id": f"{name}{n}", "author": "mira", "text": text}) for n, text in enumerate(texts)]
    file = data.parent / f"{name}.jsonl"
    file.write_text("\n".join(lines))
    assert inside("collect", "file", file, data=data).rc == 0


def tree(data: Path) -> dict[str, bytes]:
    """The files of landings and corpora."""
    return {
        path.relative_to(data).as_posix(): path.read_bytes()
        for kind in ("raw", "curated")
        for path in (data / kind).rglob("*")
        if path.is_file()
    }


def send_corpus(data: Path, objects: ObjectFolder, recipe: str) -> None:
    """Put a corpus into a store, as a run on a cluster does."""
    for path in (data / "curated" / recipe).iterdir():
        objects.send(path.relative_to(data).as_posix(), path)


def test_a_workspace_comes_back_whole(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """Landings and corpora are the same to the byte; later only what is new is copied."""
    one, other = tmp_path / "one" / "data", tmp_path / "other" / "data"
    one.parent.mkdir()
    collect(one, "a", "rain over the harbour", "fog over the harbour tonight")
    assert inside("run", data=one).rc == 0
    assert inside("upload", in_moto.url, "--json", data=one).json["landings"] == ["000001-file"]
    send_corpus(one, in_moto, "baseline")
    assert inside("fetch", in_moto.url, "--json", data=other).json["corpora"] == ["baseline"]
    assert tree(other) == tree(one)
    assert inside("ledger", "--json", data=other).json == inside("ledger", "--json", data=one).json
    assert inside("fetch", in_moto.url, "--json", data=other).json["status"] == "unchanged"
    collect(one, "b", "snow")
    result = inside("upload", in_moto.url, data=one)
    assert result.out.startswith("Uploaded 1 landing from ")
    assert inside("fetch", in_moto.url, "--json", data=other).json["landings"] == ["000002-file"]
    assert landed(other) == landed(one)


def test_what_was_forgotten_is_not_fetched(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """Neither in a landing nor in a corpus; a second fetch does not bring it either."""
    one, other = tmp_path / "one" / "data", tmp_path / "other" / "data"
    one.parent.mkdir()
    other.parent.mkdir()
    collect(one, "a", "rain over the harbour", "fog over the harbour tonight")
    assert inside("run", data=one).rc == 0
    inside("upload", in_moto.url, data=one)
    send_corpus(one, in_moto, "baseline")
    other.mkdir()
    assert inside("forget", "--id", "a1", data=other).rc == 0
    for _ in range(2):
        result = inside("fetch", in_moto.url, data=other)
        assert result.rc == 0, result.err
        assert landed(other) == [("a0", "rain over the harbour")]
        assert inside("explain", "a1", data=other).rc == 3
    assert inside("forget", "--resume", data=other).out.startswith("Nothing is left to forget")


def test_an_unfinished_upload_is_not_fetched(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """A folder without its manifest does not count, and a later upload completes it."""
    one, other = tmp_path / "one" / "data", tmp_path / "other" / "data"
    one.parent.mkdir()
    collect(one, "a", "rain over the harbour")
    inside("upload", in_moto.url, data=one)
    in_moto.remove([f"raw/000001-file/{MANIFEST}"])
    result = inside("fetch", in_moto.url, data=other)
    assert (result.rc, result.complaint) == (3, f"There is no landing and no corpus in {in_moto.url}.")
    assert inside("upload", in_moto.url, "--json", data=one).json["landings"] == ["000001-file"]
    assert inside("fetch", in_moto.url, data=other).rc == 0


def test_what_is_wrong_is_said(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """Another landing of the same name, a file that is missing or cut off, a corpus that is not there."""
    one, other, third = (tmp_path / name / "data" for name in ("one", "other", "third"))
    for data, text in ((one, "rain over the harbour"), (other, "fog over the harbour")):
        data.parent.mkdir()
        collect(data, "a", text)
    inside("upload", in_moto.url, data=one)
    assert "is another landing than" in inside("upload", in_moto.url, data=other).complaint
    assert "is another landing than" in inside("fetch", in_moto.url, data=other).complaint
    result = inside("fetch", in_moto.url, "--recipe", "strict", data=third)
    assert (result.rc, "There is no corpus 'strict' in s3://" in result.complaint) == (3, True)
    [part] = [entry.name for entry in in_moto.entries("raw") if entry.name.endswith(".parquet")]
    whole = in_moto.read(part)
    in_moto.send(part, whole[:100])
    assert f"{in_moto.url}/{part} is damaged" in inside("fetch", in_moto.url, data=third).complaint
    in_moto.remove([part])
    assert f"{in_moto.url}/{part} is missing" in inside("fetch", in_moto.url, data=third).complaint
    for damage in (b"{", b"[]", b"\xff", b'{"files": ["../../x"], "counts": {}}'):
        in_moto.send(f"raw/000001-file/{MANIFEST}", damage)
        assert f"{MANIFEST} is damaged" in inside("fetch", in_moto.url, data=third).complaint
    assert not (third / "raw").exists()
    for wrong in ("data", "s3://", "http://127.0.0.1/x"):
        assert inside("fetch", wrong, data=third).rc == 2


def test_commands_that_need_a_folder_say_so(in_moto: ObjectFolder) -> None:
    """They name the command that copies what lies in the store."""
    for command in ("ledger", "collect file x.csv", "dashboard", "export"):
        result = inside(*command.split(), "--data", in_moto.url)
        assert result.rc == 2
        assert f"curation fetch {in_moto.url} --data DIR" in result.complaint
