"""What a cluster costs besides the work: the same recipe on this machine's engine and on a cluster of this machine.

`python -m benchmarks.cluster WORKSPACE [--times 3] [--recipe baseline] [--engines dask ray] [--rounds 3]`. Posts are
those of a workspace, so many times, each time other ones (see `benchmarks.growth`). The clusters are real ones, started
here on loopback addresses, with as many workers as the local engine has; wall time is compared within one round, one
engine right after the other. On a busy machine the processor time of all processes says more.

Two cores prove no speed-up. What is measured is what a model of more workers needs: the part of the time that is the
driver's alone, and the bytes that are moved for a post.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle

from benchmarks.growth import Repeated
from benchmarks.measure import Measured, curation
from benchmarks.whole_run import landed_posts
from curation.collecting.land import land
from curation.corpus.curate import over
from curation.disk.landings import landed_files
from curation.disk.workspace import Workspace
from curation.engines import cluster as shared
from curation.engines import scheduling
from curation.engines.cluster import ClusterEngine
from curation.engines.compiling import compile_recipe
from curation.engines.dask import DaskEngine
from curation.engines.journal import JOURNAL, Journal
from curation.engines.ray import RayEngine
from curation.recipes.recipe import Recipe
from tests.cluster.clusters import Processes, dask_cluster, descendants, ray_cluster


def main() -> None:
    """Measure all engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--engines", nargs="+", default=["dask", "ray"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--place", type=Path, help="where the posts lie meanwhile, if not in the folder for such files")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        space = arguments.workspace
        if arguments.times > 1:
            space = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=arguments.place))) / "data"
            land(space, Repeated(landed_posts(arguments.workspace), arguments.times))
        measure(arguments, space)


def measure(arguments: argparse.Namespace, space: Path) -> None:
    """Measure all engines on a workspace."""
    common = ["run", arguments.recipe, "--data", str(space), "--again", "--memo", "0", "--json"]
    print("| engine | seconds | of local's | CPU seconds | of local's | the driver's | its peak MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in arguments.engines:
        with (
            tempfile.TemporaryDirectory() as place,
            _started(name, Path(place), arguments.workers) as (processes, words, engine),
        ):
            ratios = []
            for _ in range(arguments.rounds):
                local = curation(*common, "--workers", str(arguments.workers))
                before = _cpu_of(processes)
                other = curation(*common, "--engine", name, *words)
                cpu = other.cpu + _cpu_of(processes) - before
                assert _counts(local) == _counts(other)
                ratios.append((other.seconds / local.seconds, cpu / local.cpu))
                print(f"| local | {local.seconds:.1f} | | {local.cpu:.1f} | | | {local.megabytes:,.0f} |", flush=True)
                print(
                    f"| {name} | {other.seconds:.1f} | {ratios[-1][0]:.2f} | {cpu:.1f} | {ratios[-1][1]:.2f} "
                    f"| {other.cpu:.1f} | {other.megabytes:,.0f} |",
                    flush=True,
                )
            wall, work = map(statistics.median, zip(*ratios, strict=True))
            if name == "ray":
                print("Ray's workers end with the driver: their processor time is not in the figures.")
            print(f"| {name}, median | | {wall:.2f} | | {work:.2f} | | |", flush=True)
            _moved(engine, space, arguments.recipe)


@contextlib.contextmanager
def _started(name: str, place: Path, workers: int) -> Iterator[tuple[Processes, list[str], ClusterEngine]]:
    """A cluster, with its processes, and the words of the command line that name it."""
    if name == "dask":
        with dask_cluster(place, workers) as dask:
            yield dask.processes, ["--scheduler", dask.address], DaskEngine(scheduler=dask.address)
    else:
        with ray_cluster(place) as ray:
            yield ray.processes, ["--address", ray.address], RayEngine(address=ray.address)


def _cpu_of(processes: Processes) -> float:
    """Seconds of processor time that the processes of a cluster have taken, with those that they have started."""
    ticks = 0
    for process in processes.running.values():
        for pid in (process.pid, *descendants(process.pid)):
            with contextlib.suppress(OSError):  # it has ended
                ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _counts(taken: Measured) -> Any:
    return json.loads(taken.stdout)["counts"]


def _moved(engine: ClusterEngine, workspace: Path, recipe: str) -> None:
    """Run once more, and print where the driver's time and the bytes go."""
    space = Workspace(workspace)
    landings = space.landings()
    files = landed_files(landings)
    plan = compile_recipe(over(landings, Recipe.load(recipe)))
    seconds: dict[str, float] = defaultdict(float)
    sent = 0
    handed_over = scheduling.ClusterWorkers._call

    def call(self: Any, task: Any) -> Any:
        nonlocal sent
        made = handed_over(self, task)
        sent += len(cloudpickle.dumps(made.names))
        return made

    with contextlib.ExitStack() as stack:
        for owner, name, label in (
            (shared, "compare", "exchanges"),
            (Journal, "accept", "journal"),
            (Journal, "open", "journal"),
        ):
            stack.enter_context(_timed(owner, name, seconds, label))
        stack.enter_context(_replaced(scheduling.ClusterWorkers, "_call", call))
        into = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=workspace)))
        began = time.perf_counter()
        parts = engine.run(plan, files, into)
        whole = time.perf_counter() - began
        records = [json.loads(path.read_text()) for path in (into / JOURNAL).glob("*-*.json")]
    posts = sum(record["posts"] for record in records if record["step"] == "part")
    written: dict[str, int] = defaultdict(int)
    for record in records:
        written[record["step"]] += sum(file["size"] for file in record["files"])
    landed = sum(path.stat().st_size for path in files)
    print(f"\n{posts:,} posts, {len(parts)} shards, {whole:.1f} seconds; the driver's alone:")
    for label, spent in seconds.items():
        print(f"- {label}: {spent:.2f} seconds, {spent / whole:.1%}, {spent / posts * 1e6:.2f} µs a post")
    print(f"Bytes a post: landed {landed / posts:.0f} (read once a stage),", end=" ")
    print(", ".join(f"{step} {size / posts:.0f}" for step, size in sorted(written.items())), end=", ")
    print(f"tasks {sent / posts:.1f} ({sent / len(records):,.0f} a task)\n", flush=True)


@contextlib.contextmanager
def _replaced(owner: Any, name: str, new: Callable[..., Any]) -> Iterator[None]:
    old = owner.__dict__[name]
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


@contextlib.contextmanager
def _timed(owner: Any, name: str, seconds: dict[str, float], label: str) -> Iterator[None]:
    """Add up the time of a function."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[label] += time.perf_counter() - began

    with _replaced(owner, name, timed):
        yield


if __name__ == "__main__":
    main()
