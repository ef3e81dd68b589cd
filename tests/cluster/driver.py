"""A run on a cluster in a process of its own, which can be killed, or kills itself at a step.

`python -m tests.cluster.driver '{"data": …, "engine": "dask", "address": …, "calls": …, "die": "swap_in:after:1"}'`
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.engines.dask import DaskEngine
from curation.engines.engine import Engine
from curation.engines.local import LocalEngine
from curation.engines.ray import RayEngine
from curation.engines.slurm import SlurmEngine
from curation.errors import CurationError
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook

SHARD_POSTS = 40

#: Steps of the driver by name: where the function is that takes them.
STEPS = {
    "record": ("curation.engines.journal", "write_whole"),
    "exchange": ("curation.engines.cluster", "compare"),
    "manifest": ("curation.corpus.curate", "write_manifest"),
    "swap_in": ("curation.corpus.curate", "swap_in"),
    "remove": ("shutil", "rmtree"),
}


def recipe(calls: str = "", seconds: float = 0.2) -> Recipe:
    """Two barriers, rules of Python and of SQL, and a rule of a file that takes its time."""
    rules: list[dict[str, Any]] = [
        {"use": "retweet"},
        {"use": "strip_urls"},
        {"use": "exact_duplicate"},
        {"use": "dawdling", "seconds": seconds, "calls": calls},
        {"use": "near_duplicate", "scope": "global"},
        {"use": "min_words", "min": 3},
    ]
    book = RuleBook.load([Path(__file__).with_name("slow_rules.py")])
    return Recipe.parse({"name": "slow", "rule": rules}, book=book)


def engine_of(name: str, address: str, **more: Any) -> Engine:
    """An engine with small shards."""
    given = {"shard_posts": SHARD_POSTS, **more}
    if name == "dask":
        return DaskEngine(scheduler=address, **given)
    if name == "ray":
        return RayEngine(address=address, **given)
    if name == "slurm":
        return SlurmEngine(settings=(("cluster", "local"), ("tasks", "3")), **given)
    return LocalEngine(workers=1, shard_posts=SHARD_POSTS)


def rows(data: Path) -> list[dict[str, Any]]:
    """Every column of every post of the corpus, in their order."""
    corpus = Corpus.open(data, "slow")
    files = [corpus.folder / name for name in corpus.manifest["files"]]
    return [post for path in files for post in pq.read_table(path).to_pylist()]


def die(point: str) -> None:
    """Have this process killed before or after the given time that a step is taken."""
    step, moment, number = point.split(":")
    module_name, name = STEPS[step]
    module = importlib.import_module(module_name)
    taken, counted = getattr(module, name), 0

    def take(*arguments: Any, **named: Any) -> Any:
        nonlocal counted
        counted += 1
        if counted == int(number) and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = taken(*arguments, **named)
        if counted == int(number) and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(module, name, take)


def main() -> int:
    """Run, as the JSON in the first argument says."""
    given = json.loads(sys.argv[1])
    if given.get("die"):
        die(given["die"])
    engine = engine_of(given["engine"], given["address"], **given.get("more", {}))
    try:
        run = curate(
            Path(given["data"]),
            recipe(given.get("calls", ""), given.get("seconds", 0.2)),
            context=RunContext(engine),
            again=given.get("again", False),
        )
    except CurationError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(json.dumps(run.to_json()["counts"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
