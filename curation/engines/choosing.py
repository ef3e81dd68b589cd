"""The engine that options name. The packages of clusters are imported only when theirs is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.engines.local import local_engine
from curation.engines.packages import PACKAGES, require_package
from curation.options.cluster import DASK, RAY, SLURM

if TYPE_CHECKING:
    from curation.engines.engine import Engine
    from curation.options.cluster import ClusterOptions


def engine_of(options: ClusterOptions, workers: int = 0, memory: int | None = None) -> Engine:
    """The engine with so many workers and bytes of memory. Raises `UsageError` when its package isn't installed."""
    if options.engine in PACKAGES:
        require_package(options.engine)
    given: dict[str, Any] = {"workers": workers, "patience": options.patience, **({"memory": memory} if memory else {})}
    if options.engine == RAY:
        from curation.engines.ray import RayEngine

        return RayEngine(**given, address=options.address or "auto")
    if options.engine == SLURM:
        from curation.engines.slurm import SlurmEngine
        from curation.engines.slurm_settings import SlurmSettings

        settings = tuple(options.slurm_settings.items())
        SlurmSettings.of(settings)
        return SlurmEngine(**given, settings=settings)
    if options.engine == DASK:
        from curation.engines.dask import DaskEngine

        return DaskEngine(**given, scheduler=options.scheduler)
    return local_engine(workers, memory)
