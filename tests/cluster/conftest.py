"""Clusters that the tests of engines share. Without the extras of clusters nothing is collected here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from curation.disk.objects import ObjectFolder
from tests.cluster import object_stores
from tests.cluster.clusters import DaskCluster, RayCluster, dask_cluster, ray_cluster
from tests.cluster.object_stores import ObjectStore, own_folder

if any(importlib.util.find_spec(name) is None for name in ("distributed", "obstore", "ray", "submitit")):
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


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ObjectStore]]:
    """Both stores, running."""
    if why := object_stores.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("stores")
    with object_stores.moto(folder) as moto, object_stores.s3rver(folder) as s3rver:
        yield {"moto": moto, "s3rver": s3rver}


@pytest.fixture(params=["moto", "s3rver"])
def folder(
    request: pytest.FixtureRequest, stores: dict[str, ObjectStore], monkeypatch: pytest.MonkeyPatch
) -> ObjectFolder:
    """A folder of its own in one of the stores."""
    return own_folder(stores[request.param], request.node.name, monkeypatch)


@pytest.fixture
def in_moto(
    request: pytest.FixtureRequest, stores: dict[str, ObjectStore], monkeypatch: pytest.MonkeyPatch
) -> ObjectFolder:
    """A folder in a store that keeps the condition of a write."""
    return own_folder(stores["moto"], request.node.name, monkeypatch)
