"""`curation export --for`: what the command chooses, names and prints for people who train elsewhere."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from curation.disk import export_manifest
from tests.cli.shell import curation, inside


@pytest.fixture(scope="module")
def data(demonstrated, tmp_path_factory):
    """The sample, landed and curated, to export into."""
    return shutil.copytree(demonstrated / "data", tmp_path_factory.mktemp("for") / "data")


def test_every_file_is_named_and_the_line_to_run_comes_last(data):
    """Data and configuration in the JSON object; on stderr a line for each trainer, which a shell can read."""
    run = curation("export", "--for", "trl", "--for", "ollama", "--as", "trained here", "--json", data=data)
    assert run.rc == 0
    out = data / "exports" / "trained here"
    assert [(file["path"].removeprefix(f"{out}/"), file["format"], file["split"]) for file in run.json["files"]] == [
        ("train.documents.jsonl", "documents", "train"),
        ("valid.documents.jsonl", "documents", "valid"),
        ("train_trl.py", "trl", ""),
        ("Modelfile", "ollama", ""),
    ]
    trl, ollama = run.err.splitlines()[-2:]
    assert shlex.split(trl.partition("    ")[0]) == ["TRL:", "cd", str(out), "&&", "python", "train_trl.py"]
    assert shlex.split(ollama.partition("    ")[0])[:4] == ["Ollama:", "cd", str(out), "&&"]
    for file in run.json["files"]:
        assert Path(file["path"]).read_bytes().count(b"\n") == file["posts"] or not file["split"]


def test_a_tenth_is_for_validation_by_time_unless_told(data):
    """What was chosen stands in the record; without a share there is no split by time either."""
    for words, valid, split in (
        ([], 0.1, "time"),
        (["--valid", "0.2"], 0.2, "time"),
        (["--split", "random"], 0.1, None),
        (["--valid", "0"], 0.0, None),
    ):
        assert inside("export", "--for", "trl", "--as", "sides", *words, data=data).rc == 0
        options = export_manifest.read(data / "exports" / "sides")[-1].options
        assert (options["valid"], options.get("split"), options["trainers"]) == (valid, split, ["trl"])
    # Without a trainer all is as it was.
    assert inside("export", "--format", "lines", "--as", "plain", data=data).rc == 0
    options = export_manifest.read(data / "exports" / "plain")[-1].options
    assert (options["valid"], "split" in options, "trainers" in options) == (0.0, False, False)


@pytest.mark.parametrize("name", ['it\'s "so": # [x]', "two\nlines", "日本 👋", "-f", "a;b && c", "$(x) `y` {z}"])
def test_any_name_of_a_folder_will_do(data, name):
    """The line to run quotes it, and no configuration holds it."""
    run = inside("export", "--for", "mlx", f"--as={name}", data=data)
    assert run.rc == 0
    out = data / "exports" / name
    if "\n" not in name:
        assert shlex.split(run.err.splitlines()[-1].rpartition(" && ")[0]) == ["mlx-lm:", "cd", str(out)]
    assert json.loads((out / "mlx" / "train.jsonl").read_bytes().split(b"\n")[0])["text"]
    assert name.encode() not in (out / "mlx_lora.yaml").read_bytes().partition(b"\n\n")[2] or len(name) < 3


@pytest.mark.parametrize("name", ["", " ", ".", "..", "../x", "a/b", ".hidden", "a\\b"])
def test_a_name_that_no_folder_can_have_is_one_sentence(data, name):
    """It is refused before anything is written."""
    run = inside("export", "--for", "trl", f"--as={name}", data=data)
    assert (run.rc, run.out) == (2, "")
    assert "--as names a folder in DIR/exports" in run.complaint


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--for", "tlr"], "There is no trainer 'tlr'. Did you mean 'trl'?"),
        (["--for", "trl", "--format", "tokens"], "TRL can't read tokens; it reads documents, jsonl, chat or"),
        (["--for", "mlx", "--format", "jsonl"], "mlx-lm can't read jsonl; it reads documents, chat, mlx-text or mlx"),
        (["--for", "trl", "--as", "a", "--out", "b"], "--out names a folder anywhere, --as one in DIR/exports"),
        (["--for", "trl", "--format", "jsonl", "--instruction", "x"], "An instruction is a prompt"),
        (["--format", "mlx-text", "--format", "mlx-chat"], "both write mlx/train.jsonl"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(data, words, complaint):
    """Nothing is written, and exit code 2 says that the command is wrong."""
    run = inside("export", *words, data=data)
    assert (run.rc, run.out) == (2, "")
    assert complaint in run.complaint
