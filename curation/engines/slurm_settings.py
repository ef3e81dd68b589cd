"""The settings of jobs on Slurm: options of `sbatch`, and three of our own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curation.errors import UsageError

#: Options of sbatch that submitit knows by name; all others are handed through.
KNOWN = (
    "account", "comment", "constraint", "dependency", "exclude", "exclusive", "gres", "mail_type", "mail_user", "mem",
    "mem_per_cpu", "nodelist", "partition", "qos", "wckey",
)  # fmt: skip

#: Minutes of a job, and its cores, where nobody says.
MINUTES, CORES = 60, 1


@dataclass(frozen=True)
class SlurmSettings:
    """How jobs are submitted."""

    options: tuple[tuple[str, str], ...] = ()  # of sbatch, by their long names with underscores
    tasks: int = 8  # shards that a job runs one after the other: enough that starting Python is little of it
    python: str = ""  # the interpreter on the nodes; empty: the path of this one
    is_local: bool = False  # whether processes of this machine are jobs, without Slurm

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> SlurmSettings:
        """Settings by name: `tasks`, `python`, `cluster` (slurm or local), and any option of sbatch.

        Raises `UsageError`.
        """
        options = dict(pairs)
        tasks, python = options.pop("tasks", "8"), options.pop("python", "")
        cluster = options.pop("cluster", "slurm")
        for name, number in (("tasks", tasks), ("cpus_per_task", options.get("cpus_per_task", str(CORES)))):
            if not (number.isascii() and number.isdecimal() and int(number)):
                raise UsageError(f"--slurm {name}={number}: it must be a number of at least 1.")
        if cluster not in ("slurm", "local"):
            raise UsageError(f"--slurm cluster={cluster}: it must be one of slurm, local.")
        if "time" in options:
            minutes_of(options["time"])
        return cls(tuple(options.items()), int(tasks), python, cluster == "local")

    def parameters(self) -> dict[str, Any]:
        """The parameters of submitit's `AutoExecutor`."""
        options = dict(self.options)
        minutes = minutes_of(options.pop("time", str(MINUTES)))
        parameters: dict[str, Any] = {"timeout_min": minutes, "cpus_per_task": int(options.pop("cpus_per_task", CORES))}
        if self.is_local:
            return {"timeout_min": minutes}
        parameters |= {f"slurm_{name}": options.pop(name) for name in KNOWN if name in options}
        return {**parameters, **({"slurm_additional_parameters": options} if options else {})}


def minutes_of(time: str) -> int:
    """The minutes of a time as sbatch takes it, at least one. Raises `UsageError`.

    >>> [minutes_of(time) for time in ("90", "1:30", "2:00:00", "1-12", "1-0:30")]
    [90, 2, 120, 2160, 1470]
    """
    days, dash, rest = time.rpartition("-")
    try:
        numbers = [int(number) for number in rest.split(":")]
        if dash:
            hours, minutes, seconds = (*numbers, 0, 0)[:3]
        elif len(numbers) == 3:
            hours, minutes, seconds = numbers
        else:
            hours, (minutes, seconds) = 0, (*numbers, 0)[:2]
        if len(numbers) > 3:
            raise ValueError(time)
        return max(-(-(int(days or 0) * 86400 + hours * 3600 + minutes * 60 + seconds) // 60), 1)
    except ValueError as error:
        raise UsageError(f"--slurm time={time}: write minutes, H:MM:SS or D-HH.") from error
