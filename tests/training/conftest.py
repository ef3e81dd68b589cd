"""A workspace whose sample is curated, and an export of it to train on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import curation


@pytest.fixture(scope="session")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample, curated by `baseline`; nobody changes it."""
    data = tmp_path_factory.mktemp("curated") / "data"
    sample = Path(curation.__file__).parent.parent / "data" / "sample"
    curation.collect(data, "x-archive", next(sample.glob("x-archive-*.zip")))
    curation.run(data, "baseline", workers=1)
    return data


@pytest.fixture
def workspace(curated: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(curated, tmp_path / "data"))
