"""From a model back to what was downloaded, whatever is known and whatever is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from curation.disk.training_record import FILE
from curation.disk.workspace import Workspace
from curation.tracking import recorded
from curation.training.folders import models_of
from tests.cli.shell import inside
from tests.models import of_export, outcome, training_record, write_model
from tests.tracking.test_lineage import LINE, steps, walk

#: The way back from a model's folder.
OF_MODEL = ["model", "run train", *LINE[1:]]


@pytest.fixture
def trained(data: Path) -> Path:
    """The workspace with a model that a recorded training made of its export."""
    record = of_export(Workspace(data), training_record())
    with recorded(data, "train", {"name": "mira-1"}) as run:
        folder = write_model(data, record)
        run.trained(*outcome(folder, record))
    return data


def test_the_whole_way_back(trained):
    """Through the training, the export, the corpus and the landing to the input; so do the weights."""
    folder = models_of(Workspace(trained)) / "mira-1"
    answer, kinds = walk(folder, trained)
    assert kinds == OF_MODEL
    by_kind = {step["kind"]: step for step in steps(answer["tree"])}
    assert by_kind["model"]["bits_per_character"] == 2.75
    assert (by_kind["model"]["version"], by_kind["train-dataset"]["version"]) == ("v0", "v0")
    answer, kinds = walk(folder / "model.safetensors", trained)
    assert (kinds, answer["changed"]) == (["file", *OF_MODEL], False)
    line = inside("lineage", folder, data=trained).out.splitlines()[0]
    assert line.startswith("model mira-1 v0, 1 post, 2.750 bits per character, base scratch, sha256 ")


def test_the_run_is_listed(trained):
    """`curation runs --job train`."""
    [run] = inside("runs", "--job", "train", "--json", data=trained).json["runs"]
    assert (run["job"], run["status"], run["outputs"][0]["type"]) == ("train", "complete", "model")
    assert "mira-1 v0" in inside("runs", data=trained).out


def test_files_that_models_share_are_known_by_their_folder(trained):
    """Two models with one tokenizer: each one's leads to its own model."""
    record = of_export(Workspace(trained), training_record("tom"))
    with recorded(trained, "train") as run:
        run.trained(*outcome(write_model(trained, record), record))
    for name in ("mira-1", "tom"):
        answer, _ = walk(models_of(Workspace(trained)) / name / "tokenizer.json", trained)
        assert answer["tree"]["from"][0]["name"] == name


def test_a_file_that_was_changed_is_said(trained):
    """The card too is of the model, which nobody's record names."""
    folder = models_of(Workspace(trained)) / "mira-1"
    (folder / "config.json").write_text('{"mine": 1}', encoding="utf-8")
    answer, kinds = walk(folder / "config.json", trained)
    assert (answer["changed"], kinds[:2]) == (True, ["file", "model"])
    answer, kinds = walk(folder / "README.md", trained)
    assert (answer["changed"], kinds[:2]) == (False, ["file", "model"])


def test_a_model_that_moved_is_known_by_its_weights(trained):
    """An older version lies in another folder; its run is found by the digest."""
    folder = models_of(Workspace(trained)) / "mira-1"
    folder.rename(folder.with_name("mira-1@v0"))
    assert walk(folder.with_name("mira-1@v0"), trained)[1] == OF_MODEL


@pytest.mark.parametrize("lost", ["all", "train", "export"])
def test_without_records_the_manifests_tell(trained, lost):
    """The model's own record names its export, and the export's manifest its corpus."""
    for path in (trained / "runs").glob("*.json" if lost == "all" else f"*-{lost}-*.json"):
        path.unlink()
    kinds = walk(models_of(Workspace(trained)) / "mira-1", trained)[1]
    gone = {"all": {"run train", "run export", "run run", "run collect", "input-file"}}
    left = [kind for kind in OF_MODEL if kind not in gone.get(lost, {f"run {lost}"})]
    assert [kind for kind in kinds if kind != "input"] == left


def test_an_export_that_is_another_by_now_is_said(trained):
    """Neither records nor files tell what it was made of then."""
    for path in (trained / "runs").glob("*.json"):
        path.unlink()
    shutil.rmtree(trained / "exports" / "baseline")
    answer, kinds = walk(models_of(Workspace(trained)) / "mira-1", trained)
    assert kinds == ["model", "train-dataset"]
    assert answer["tree"]["from"][0]["replaced_since"] is True


def test_an_export_that_was_not_recorded_is_known_by_its_manifest(trained):
    """Also when forgetting has taken a post out of the corpus, or out of both: the way to the input stays."""
    out = trained / "exports" / "all"
    assert inside("export", "--allow-small", "--format", "jsonl", "--out", out, data=trained).rc == 0
    record = of_export(Workspace(trained), training_record("tom"), out)
    with recorded(trained, "train") as run:
        run.trained(*outcome(write_model(trained, record), record))
    [*_, latest] = sorted((trained / "runs").glob("*-export-*.json"))
    latest.unlink()
    way = [kind for kind in OF_MODEL if kind != "run export"]
    assert walk(models_of(Workspace(trained)) / "tom", trained)[1] == way
    assert inside("forget", "--id", "5", data=trained).rc == 0  # it was removed, and is in no export
    answer, kinds = walk(models_of(Workspace(trained)) / "tom", trained)
    by_kind = {step["kind"]: step for step in steps(answer["tree"])}
    assert kinds[:4] == way[:4]
    assert "changed" not in by_kind["train-dataset"]
    post_id = json.loads((out / "train.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"]
    assert inside("forget", "--id", post_id, data=trained).rc == 0
    answer, kinds = walk(models_of(Workspace(trained)) / "tom", trained)
    assert kinds[:4] == way[:4]
    by_kind = {step["kind"]: step for step in steps(answer["tree"])}
    assert by_kind["train-dataset"]["changed"] is True
    assert "mira_of_the_fog-posts.jsonl" in str([step["name"] for step in steps(answer["tree"])])


def test_a_damaged_record_is_one_sentence(trained):
    """Its path, and the way on."""
    folder = models_of(Workspace(trained)) / "mira-1"
    (folder / FILE).write_text("{", encoding="utf-8")
    answer = inside("lineage", folder, data=trained)
    assert answer.rc == 1
    assert "training.json is damaged" in answer.complaint


def test_forgetting_leaves_the_way_back(trained):
    """The card and the list of posts change, and the digest does not."""
    assert inside("forget", "--id", "3", data=trained).rc == 0
    assert walk(models_of(Workspace(trained)) / "mira-1", trained)[1][:3] == OF_MODEL[:3]
