"""Clusters that the tests of engines share. Without the extras of clusters nothing is collected here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from tests.cluster.clusters import DaskCluster, RayCluster, dask_cluster, ray_cluster

if any(importlib.util.find_spec(name) is None for name in ("distributed", "ray", "submitit")):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers, for tests that end none of them."""
    with dask_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    """Two nodes, for tests that end none of them."""
    with ray_cluster(tmp_path_factory.mktemp("ray")) as cluster:
        yield cluster
