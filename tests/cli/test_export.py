"""`curation export`: the files, what is said of them, and what is refused."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.cli.shell import curation, inside, jsonl, kept


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


def test_json_names_every_file_with_its_true_digest(data, tmp_path):
    """Formats and splits make a file each, with the sha256, posts and split that `--json` says."""
    out = tmp_path / "training"
    said = curation(
        "export", "baseline", "--format", "text", "--format", "lines", "--format", "jsonl", "--format", "parquet",
        "--valid", "0.2", "--epochs", "2", "--balance", "--seed", "7", "--out", out, "--json", data=data,
    )  # fmt: skip
    assert said.rc == 0
    answer = said.json
    assert list(answer) == ["schema", "recipe", "files", "warnings", "replaced"]
    assert [(file["format"], file["split"]) for file in answer["files"]] == [
        (format, split) for format in ("text", "lines", "jsonl", "parquet") for split in ("train", "valid")
    ]
    for file in answer["files"]:
        of_text = ["passes", "file_characters"] if file["format"] == "text" else []
        assert list(file) == ["path", "format", "split", "posts", "characters", "sha256", *of_text]
        path = out / file["path"].removeprefix(f"{out}/")
        assert str(path) == file["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) == sorted(
        ["export.json", "README.md", "data"]
        + [f"{split}.{end}" for split in ("train", "valid") for end in ("txt", "lines.txt", "jsonl")]
    )
    assert sorted(path.name for path in (out / "data").iterdir()) == [
        f"{split}-00000-of-00001.parquet" for split in ("train", "validation")
    ]
    assert answer["files"][0]["posts"] + answer["files"][1]["posts"] == 337
    lines = [line for name in ("train", "valid") for line in (out / f"{name}.jsonl").read_text("utf-8").split("\n")]
    rows = [json.loads(line) for line in lines if line]
    assert sorted((row["id"], row["text"]) for row in rows) == kept(data, "baseline")
    assert all(f"Note: {warning}" in said.err for warning in answer["warnings"])


def test_a_seed_is_a_shuffle(data, tmp_path):
    """The same seed gives the same bytes, another seed others; without `--out` they lie in the workspace."""
    digests = []
    for number, seed in enumerate(("1", "1", "2")):
        words = ("export", "--seed", seed, "--out", tmp_path / str(number), "--json")
        digests += [file["sha256"] for file in inside(*words, data=data).json["files"]]
    assert digests[0] == digests[1] != digests[2]


def test_files_lie_in_the_workspace_unless_told_otherwise(workspace):
    """The default is the format `text` in DIR/exports/RECIPE; stdout names each file with its posts."""
    (workspace / "exports/baseline/train.txt").unlink()
    said = curation("export", data=workspace)
    assert said.rc == 0
    assert said.out == (
        f"{workspace}/exports/baseline/train.txt  337 posts, 50,804 characters; 1 pass, 55,202 characters in the file\n"
    )
    assert (workspace / "exports/baseline/train.txt").is_file()


def test_passes_are_one_unless_said_or_like_huggingtweets(data, tmp_path):
    """The line, the record of the run and an error for other presets tell; a given number beats the preset."""
    for words, passes in (([], 1), (["--like", "huggingtweets"], 4), (["--like", "huggingtweets", "--epochs", "2"], 2)):
        said = inside("export", *words, "--out", tmp_path / str(passes), data=data)
        assert said.rc == 0
        assert f"; {passes} pass" in said.out
        text = (tmp_path / str(passes) / "train.txt").read_text(encoding="utf-8")
        assert text.count("<|endoftext|>") == passes * 337 + 1
        assert f" {len(text):,} characters in the file" in said.out
    refused = inside("export", "--like", "hugingtweets", "--out", tmp_path / "no", data=data)
    assert (refused.rc, "Did you mean 'huggingtweets'" in refused.complaint) == (2, True)


def test_a_preview_prints_what_stands_in_the_file_and_writes_nothing(data, tmp_path):
    """Out of the middle of each training file; no folder, no record of a run; numbers are said where they are none."""
    words = ("export", "--format", "text", "--format", "jsonl", "--format", "parquet")
    out, runs = tmp_path / "out", sorted(data.glob("runs/*"))
    said = inside(*words, "--preview", "3", "--out", out, "--json", data=data)
    assert (said.rc, out.exists(), sorted(data.glob("runs/*"))) == (0, False, runs)
    assert inside(*words, "--out", out, data=data).rc == 0
    assert [each["format"] for each in said.json["preview"]] == ["text", "jsonl"]
    for each in said.json["preview"]:
        assert (each["posts"], each["of"]) == (3, 337)
        assert each["text"] in (out / each["file"]).read_bytes().decode()
    plain = inside(*words, "--preview", "3", data=data)
    assert said.json["preview"][0]["text"] in plain.out
    assert f"train.txt: posts {said.json['preview'][0]['first']:,} to " in plain.err
    assert "parquet is no text" in plain.err


def test_too_little_text_is_refused_with_the_count(tmp_path):
    """Under 6,000 characters `text` is refused, exit 1, with the count and the way to insist, which works."""
    data = tmp_path / "data"
    post = jsonl(tmp_path / "one.jsonl", [{"id": "1", "author": "mira", "text": "one single invented post"}])
    assert inside("collect", "file", post, data=data).rc == 0
    assert inside("run", data=data).rc == 0
    refused = curation("export", "--json", data=data)
    assert (refused.rc, refused.out) == (1, "")
    assert "only 24 characters" in refused.complaint
    assert "6,000" in refused.complaint
    assert "--allow-small" in refused.complaint
    assert not (data / "exports").exists()
    insisted = curation("export", "--allow-small", data=data)
    assert insisted.rc == 0
    assert "Note: There are only 24 characters" in insisted.err
    text = (data / "exports/baseline/train.txt").read_text(encoding="utf-8")
    assert text == "<|endoftext|>one single invented post<|endoftext|>"


@pytest.mark.parametrize(
    ("words", "rc", "said"),
    [
        (["--valid", "2"], 2, "--valid 2.0: it must be at least 0 and below 1"),
        (["--epochs", "0"], 2, "--epochs 0: it must be at least 1"),
        (["--format", "txt"], 2, "Did you mean 'text'?"),
        (["--author", "nobody"], 3, "There is no post by 'nobody'"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_written(data, tmp_path, words, rc, said):
    """A share of 2, no epoch, an unknown format, an unknown author: the code, the reason, no folder."""
    answer = inside("export", *words, "--out", tmp_path / "out", "--json", data=data)
    assert (answer.rc, answer.out) == (rc, "")
    assert said in answer.complaint
    assert not (tmp_path / "out").exists()
