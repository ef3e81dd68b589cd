"""Workspaces that are made once for all tests of the command line, on every worker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.shell import curation, made_once


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


@pytest.fixture(scope="session")
def demonstrated(shared: Path) -> Path:
    """What `curation demo` makes of the sample, never to be changed."""

    def make(folder: Path) -> None:
        said = curation("demo", "--json", data=folder / "data")
        assert said.rc == 0, said.err
        (folder / "said.json").write_text(said.out, encoding="utf-8")
        (folder / "said.txt").write_text(said.err, encoding="utf-8")

    return made_once(shared / "demonstrated", make)


@pytest.fixture
def workspace(demonstrated: Path, tmp_path: Path) -> Path:
    """The sample, landed and curated with `baseline`, in a folder of the test's own."""
    return Path(shutil.copytree(demonstrated / "data", tmp_path / "data"))
