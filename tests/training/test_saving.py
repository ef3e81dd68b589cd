"""A model takes its place: the version before it moves aside, and nothing that was forgotten meanwhile gets there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from curation.disk.training_record import read_record
from curation.disk.workspace import Workspace
from curation.errors import RefusedError
from curation.forgetting.forget import ForgetRequest, forget
from curation.training import saving
from curation.training.folders import models_of
from tests.models import seen, training_record


@pytest.fixture
def save(tmp_path, monkeypatch):
    """Saves a model that saw post 1 of mira, without weights; torch is not needed."""
    monkeypatch.setattr(saving, "_save_weights", lambda trainee, record, folder: (folder / "config.json").touch())
    space = Workspace(tmp_path)

    def save(version: str, write_card=lambda space, folder, record: None):
        record = training_record("mira-1", version)
        return saving.save_model(space, SimpleNamespace(), record, seen([("x", "1", "mira")]), write_card)

    return save


def test_the_version_before_keeps_its_folder(save, tmp_path):
    """Under its number."""
    folders = [save(version) for version in ("v0", "v1")]
    assert folders == [models_of(Workspace(tmp_path)) / "mira-1"] * 2
    assert read_record(folders[0]).version == "v1"
    assert read_record(folders[0].with_name("mira-1@v0")).version == "v0"


def test_a_post_that_is_forgotten_meanwhile_stops_it(save, tmp_path):
    """Even at the last moment: the model before stays in its place, and no other appears."""
    folder = save("v0")
    with pytest.raises(RefusedError, match="forgotten meanwhile"):
        save("v1", lambda space, staged, record: forget(space, ForgetRequest(("1",))))
    assert read_record(folder).version == "v0"
    assert read_record(folder).forgotten_posts == 1
    assert [path.name for path in models_of(Workspace(tmp_path)).iterdir()] == ["mira-1"]
