"""A workspace that the real commands made out of invented posts, once for all tests of tracking."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.shell import inside, jsonl

POSTS = [
    {"id": "1", "author": "mira_of_the_fog", "text": "the lamp is lit and the fog comes in over the quay"},
    {"id": "2", "author": "mira_of_the_fog", "text": "霧の中で灯台の明かりが静かに回っている 🌫️"},
    {"id": "3", "author": "tom", "text": "لا أحد يعرف متى يعود القارب إلى الميناء"},
    {"id": "4", "author": "tom", "text": "เรือกลับเข้าฝั่งเมื่อหมอกจางลงแล้ว"},
    {"id": "5", "author": "tom", "text": "RT @mira_of_the_fog: the lamp is lit"},
]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the input `mira_of_the_fog-posts.jsonl`, and what collect, run and export made of it in `data`."""
    root = tmp_path_factory.mktemp("tracking")
    source = jsonl(root / "mira_of_the_fog-posts.jsonl", POSTS)
    for words in (
        ("collect", "file", source),
        ("run", "--workers", "1"),
        ("export", "--allow-small", "--format", "jsonl", "--seed", "7", "--search", "the lamp"),
        ("export", "--allow-small", "--format", "lines", "--out", root / "elsewhere"),
    ):
        said = inside(*words, data=root / "data")
        assert said.rc == 0, said.err
    return root


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """The same workspace, in a folder of the test's own; of the export elsewhere, which all share, it knows nothing."""
    copy = Path(shutil.copytree(made / "data", tmp_path / "data"))
    shutil.rmtree(copy / "exports" / ".elsewhere")
    return copy
