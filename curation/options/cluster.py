"""What can be set of the workers of a run, where they are not those of this machine alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curation.errors import UsageError
from curation.options.bounds import AtLeast, OneOf
from curation.options.option import Options, option

LOCAL, RAY, SLURM, DASK = "local", "ray", "slurm", "dask"
ENGINES = (LOCAL, RAY, SLURM, DASK)

#: Which engine an option is for, by the option's field.
BELONGS_TO = {"address": RAY, "slurm": SLURM, "scheduler": DASK}


def parse_slurm(words: Iterable[str]) -> tuple[str, ...]:
    """Words such as `time=1:00:00`, in their order. Raises `UsageError`."""
    words = tuple(words)
    for word in words:
        name, _, value = word.partition("=")
        if not name.strip() or not value.strip():
            raise UsageError(f"--slurm {word}: write an option of sbatch and its value, as --slurm time=1:00:00.")
    return words


@dataclass(frozen=True)
class ClusterOptions(Options):
    """Which workers run a recipe."""

    engine: str = option(
        LOCAL, "local, ray, slurm or dask: who runs it. The corpus is the same.", bound=OneOf(*ENGINES)
    )
    address: str = option("", "With ray: auto, or HOST:PORT of a cluster that runs.")
    slurm: tuple[str, ...] = option(
        (), "With slurm: an option of sbatch, as time=1:00:00. May be repeated.", metavar="KEY=VALUE", parse=parse_slurm
    )
    scheduler: str = option("", "With dask: the scheduler's address, tcp://HOST:PORT.")
    patience: int = option(
        600, "Seconds to wait for a cluster that does not answer or has no workers.", bound=AtLeast(1), unit="seconds"
    )

    def __post_init__(self) -> None:
        """Check also what belongs together. Raises `UsageError`."""
        super().__post_init__()
        for name, engine in BELONGS_TO.items():
            if getattr(self, name) and self.engine != engine:
                raise UsageError(f"--{name} is for --engine {engine}, and this run has --engine {self.engine}.")

    @property
    def slurm_settings(self) -> dict[str, str]:
        """The options of sbatch by name; the last one of a name counts."""
        pairs = (word.partition("=") for word in self.slurm)
        return {name.strip().lstrip("-").replace("-", "_"): value.strip() for name, _, value in pairs}
