"""Configurations for trainers when the export changes: by forgetting, by another export, by hand."""

from __future__ import annotations

from pathlib import Path

from curation.disk import export_manifest
from curation.exports import export
from curation.exports.trainers import TRAINERS
from curation.exports.trainers.base import TEXT_BASE
from curation.forgetting.forget import ForgetRequest, forget
from tests.exports.configurations import EVERY, constants, lines, modelfile, values, workspace


def outcomes(folder: Path, *ids: str) -> dict[str, str]:
    """What became of each file."""
    return {name: each.outcome for each in forget(folder, ForgetRequest(ids)).changes["exports"] for name in each.files}


def test_forgetting_a_post_brings_the_configurations_up_to_date(tmp_path):
    """What follows from the rows does so afterwards, and the record has the new digest."""
    out = tmp_path / "exports" / "named"
    export(workspace(tmp_path), [], out, trainers=EVERY, valid=0.3, split="time")
    gone = outcomes(tmp_path, *map(str, range(1, 9)))
    assert (gone["train.documents.jsonl"], gone["train_trl.py"]) == ("cut", "made again")
    assert gone["mlx/train.jsonl"] == "cut"
    rows, mlx = len(lines(out / "mlx/train.jsonl")), values(out, "mlx_lora.yaml")
    assert f"{rows:,} records" in (out / "train_trl.py").read_text()
    assert mlx["iters"] == 4 * (rows // mlx["batch_size"])
    files = {file["name"]: file for one in export_manifest.read(out) for file in one.files}
    for name in (name for trainer in TRAINERS.values() for name in trainer.files):
        assert files[name]["format"] in TRAINERS
    assert outcomes(tmp_path) == {}


def test_forgetting_all_of_a_side_takes_it_out_of_the_configurations(tmp_path):
    """No configuration names an empty file."""
    out = tmp_path / "exports" / "own"
    export(workspace(tmp_path), [], out, trainers=EVERY, valid=0.3, split="time")
    ids = [one["id"] for one in lines(out / "valid.documents.jsonl")]
    outcomes(tmp_path, *ids)
    assert (out / "valid.documents.jsonl").read_bytes() == b""
    assert constants(out, "train_trl.py")["VALID"] is None
    assert "test_datasets" not in values(out, "axolotl.yaml")
    assert "remove that file" in (out / "mlx_lora.yaml").read_text()


def test_conversations_are_made_again_with_their_configurations(tmp_path):
    """Made from the record's options, all of them, though only some files come again."""
    out = tmp_path / "exports" / "own"
    export(workspace(tmp_path), [], out, trainers=EVERY, valid=0.3, split="time", instruction="Go on.")
    before = {path.name: path.read_bytes() for path in out.glob("valid*")}
    assert outcomes(tmp_path, "1")["train.chat.jsonl"] == "made again"
    assert {path.name: path.read_bytes() for path in out.glob("valid*")} == before
    script = constants(out, "train_trl.py")
    assert (script["TRAIN"], script["VALID"]) == ("train.chat.jsonl", "valid.chat.jsonl")
    assert f"{len(lines(out / 'train.chat.jsonl')):,} records" in (out / "train_trl.py").read_text()
    assert dict(modelfile((out / "Modelfile").read_text()))["system"] == "Go on."
    owned = [file["name"] for one in export_manifest.read(out) for file in one.files]
    assert len(owned) == len({*owned})


def test_an_edited_configuration_is_left_as_it_is(tmp_path):
    """By another export, with a note, and by forgetting, also when all posts go."""
    corpus = workspace(tmp_path)
    out = tmp_path / "exports" / "own"
    export(corpus, [], out, trainers=["trl", "axolotl"])
    mine = (out / "train_trl.py").read_text().replace(TEXT_BASE, "gpt2")
    (out / "train_trl.py").write_text(mine)
    notes = export(corpus, [], out, trainers=["trl", "axolotl"], epochs=2).warnings
    assert any("train_trl.py was not written by an export, or was changed" in note for note in notes)
    assert values(out, "axolotl.yaml")["num_epochs"] == 2
    assert outcomes(tmp_path, "1") == {"train.documents.jsonl": "cut", "axolotl.yaml": "made again"}
    assert outcomes(tmp_path, *map(str, range(2, 21))) == {
        "train.documents.jsonl": "deleted",
        "axolotl.yaml": "deleted",
    }
    assert (out / "train_trl.py").read_text() == mine


def test_an_export_without_trainers_leaves_the_configurations(tmp_path):
    """They belong to the export that wrote them, and it stands beside the other."""
    corpus = workspace(tmp_path)
    out = tmp_path / "exports" / "own"
    export(corpus, [], out, trainers=["mlx"])
    export(corpus, ["lines"], out)
    assert {file["name"] for one in export_manifest.read(out) for file in one.files} == {
        "mlx/train.jsonl", "mlx_lora.yaml", "train.lines.txt",
    }  # fmt: skip
