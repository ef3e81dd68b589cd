"""Tasks on Slurm: array jobs, submitted by `submitit`, each of which runs several tasks one after the other.

A job writes the answer to each task as soon as there is one, whole, into the folder of the run. So a job that is ended
loses one task, and its other tasks are submitted again.
"""

from __future__ import annotations

import contextlib
import getpass
import pickle
import re
import shutil
import subprocess
import threading
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from curation.engines.cluster import ClusterEngine
from curation.engines.pool import cores
from curation.engines.scheduling import EXPRESSION, Answer, Call
from curation.engines.slurm_settings import SlurmSettings
from curation.errors import CurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: In the folder of the run: what submitit writes, and the answers of jobs.
FOLDER = "slurm"
#: Jobs at a time, where nobody says how many `workers` there shall be.
JOBS = 32
#: Jobs of an array where Slurm doesn't say how many there may be.
USUAL_ARRAY = 1_000
#: Seconds between two looks at what jobs have answered.
LOOK = 1.0
#: Seconds between two questions which jobs wait or run.
ASKING = 5.0
#: Seconds after a job's end in which its last answers may show on a network's file system.
SETTLING = 60.0
#: Seconds for an answer of Slurm's commands.
ANSWERING = 60


T = TypeVar("T")


class LostJobError(Exception):
    """A job has ended without an answer to a task."""

    def __init__(self, begun: int) -> None:
        super().__init__("the job has ended")
        self.begun = begun  # 1 for the task at which it ended, 0 for those after it


@dataclass(frozen=True)
class SlurmEngine(ClusterEngine):
    """Runs plans in array jobs of Slurm, at most `workers` at a time; `settings` as `SlurmSettings` has them."""

    settings: tuple[tuple[str, str], ...] = ()

    @property
    def most(self) -> int:
        """Tasks of so many jobs."""
        settings = SlurmSettings.of(self.settings)
        return (self.workers or (cores() if settings.is_local else JOBS)) * settings.tasks

    @contextlib.contextmanager
    def connect(self, into: Path) -> Iterator[SlurmScheduler]:
        """Make ready to submit jobs. Raises `UsageError` for settings that can't be."""
        settings = SlurmSettings.of(self.settings)
        folder = into / FOLDER
        scheduler = SlurmScheduler(folder, settings, f"curation-{uuid.uuid5(uuid.NAMESPACE_URL, str(into)).hex[:12]}")
        scheduler.cancel_all()  # those of a process that was killed
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            with scheduler:
                yield scheduler
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Job:
    """A job, with the files in which its tasks are answered, in their order."""

    job: Any  # of submitit
    waiting: dict[Path, Future[Answer]]
    ended: float = 0.0  # when that was seen


@dataclass
class SlurmScheduler:
    """The jobs of one run."""

    folder: Path
    settings: SlurmSettings
    job_name: str
    name: str = "Slurm"
    lost: tuple[type[BaseException], ...] = (LostJobError,)
    tries: int = 3
    _jobs: list[_Job] = field(default_factory=list)
    _queue: set[str] | None = None  # the jobs that wait or run, as far as Slurm has said
    _asked: float = 0.0  # when it was asked
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.batch = self.settings.tasks

    def __enter__(self) -> SlurmScheduler:
        import submitit

        more = {} if self.settings.is_local or not self.settings.python else {"slurm_python": self.settings.python}
        cluster = "local" if self.settings.is_local else "slurm"
        try:
            self._executor = submitit.AutoExecutor(self.folder, cluster=cluster, **more)
            self._executor.update_parameters(name=self.job_name, **self.settings.parameters())
        except RuntimeError as error:
            raise CurationError(
                f"There is no Slurm here: {error} Run this where srun and sbatch are installed and know the cluster."
            ) from error
        self._array = 1 if self.settings.is_local else _largest_array()
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        with self._lock:
            for each in self._jobs:
                with contextlib.suppress(Exception):  # it has ended, or Slurm can't be told
                    each.job.cancel(check=False)
        self.cancel_all()

    def slots(self) -> int:
        """At least one, as long as Slurm answers: whether there is a node is an affair of its queue."""
        if not self.settings.is_local:
            _ask("squeue", "--noheader", "--name", self.job_name)
        return 1

    def greet(self, call: Call) -> list[Future[Answer]]:
        """Nobody: a job is asked with its first task."""
        return []

    def submit(self, calls: Sequence[Call]) -> list[Future[Answer]]:
        """Submit jobs for all calls, in arrays as large as Slurm takes them."""
        bundles = _batches(calls, self.settings.tasks)
        futures: list[Future[Answer]] = []
        for array in _batches(bundles, self._array):
            futures += self._submit(array)
        return futures

    def cancel(self, futures: Sequence[Future[Answer]]) -> None:
        """Cancel the jobs of these calls."""
        gone = {*futures}
        with self._lock:
            for each in self._jobs:
                if gone & {*each.waiting.values()}:
                    with contextlib.suppress(Exception):  # it has ended, or Slurm can't be told
                        each.job.cancel(check=False)

    def cancel_all(self) -> None:
        """Cancel all jobs of this name, also those of a process that is gone."""
        if not self.settings.is_local:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                _ask("scancel", "--user", getpass.getuser(), "--name", self.job_name)

    def _submit(self, bundles: Sequence[Sequence[Call]]) -> list[Future[Answer]]:
        """Submit one array, or single job."""
        answers = [[self.folder / f"{uuid.uuid4().hex}.answer" for _ in bundle] for bundle in bundles]
        names = [
            Call("answer_each", ([(call.deed, call.arguments) for call in bundle], list(map(str, paths)))).names
            for bundle, paths in zip(bundles, answers, strict=True)
        ]
        try:
            jobs = self._executor.map_array(eval, [EXPRESSION] * len(names), names)
        except Exception as error:  # submitit raises what sbatch said in exceptions of its own and of subprocess
            words = str(getattr(error, "stderr", "") or error).strip().splitlines() or [type(error).__name__]
            raise CurationError(
                f"Slurm does not take the jobs: {words[-1]} Change that with --slurm KEY=VALUE."
            ) from error
        futures: list[Future[Answer]] = []
        for job, paths in zip(jobs, answers, strict=True):
            waiting: dict[Path, Future[Answer]] = {path: Future() for path in paths}
            futures += waiting.values()
            with self._lock:
                self._jobs.append(_Job(job, waiting))
        return futures

    def _run(self) -> None:
        """Hand on answers as they come, in a thread."""
        while not self._end.wait(LOOK):
            with contextlib.suppress(OSError):  # the folder can't be read for a while
                self._ask_queue()
                self.folder.chmod(self.folder.stat().st_mode)  # so that a network's file system looks anew
                with self._lock:
                    for each in self._jobs:
                        self._look(each)
                    self._jobs = [each for each in self._jobs if each.waiting]

    def _has_ended(self, job: _Job) -> bool:
        """Whether a job runs no more. Slurm's queue is asked: many sites keep no accounts of jobs for `sacct`."""
        if self.settings.is_local:
            return bool(job.job.done())
        return self._queue is not None and str(job.job.job_id) not in self._queue

    def _ask_queue(self) -> None:
        """Look which jobs wait or run; where Slurm doesn't answer, nothing is known of them."""
        if self.settings.is_local or time.monotonic() - self._asked < ASKING:
            return
        before = self._job_ids()
        self._queue = None
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            words = _ask("squeue", "--noheader", "--array", "--format=%i", "--name", self.job_name).split()
            # A job that was submitted while Slurm answered is not looked for.
            self._queue = {*words, *(self._job_ids() - before)}
        self._asked = time.monotonic()

    def _job_ids(self) -> set[str]:
        with self._lock:
            return {str(each.job.job_id) for each in self._jobs}

    def _look(self, job: _Job) -> None:
        """Hand on the answers that a job has written, and that it was lost."""
        for path, future in list(job.waiting.items()):
            if path.exists():
                del job.waiting[path]
                future.set_result(pickle.loads(path.read_bytes()))
                path.unlink()
        if not job.waiting or not self._has_ended(job):
            return
        job.ended = job.ended or time.monotonic()
        if time.monotonic() - job.ended > (LOOK if self.settings.is_local else SETTLING):
            for place, future in enumerate(job.waiting.values()):
                future.set_exception(LostJobError(int(place == 0)))
            job.waiting.clear()


def _batches(items: Sequence[T], most: int) -> list[Sequence[T]]:
    return [items[first : first + most] for first in range(0, len(items), most)]


def _largest_array() -> int:
    """How many jobs an array of this site may have."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if match := re.search(r"MaxArraySize\s*=\s*(\d+)", _ask("scontrol", "show", "config")):
            return max(min(int(match[1]) - 1, USUAL_ARRAY), 1)
    return USUAL_ARRAY


def _ask(*command: str) -> str:
    """What a command of Slurm prints. Raises `OSError`, `subprocess.SubprocessError`."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=ANSWERING).stdout
