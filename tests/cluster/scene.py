"""A workspace for kills, and what must hold after the run that follows one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.collecting.collection import collect
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.sources import open_source
from tests.cluster import driver
from tests.cluster.clusters import ROOT
from tests.kill.scene import posts
from tests.workspaces import copied

#: Landings, and so shards of each stage.
SHARDS = 8
#: Stages of the recipe, of which the second one is slow.
SLOW_STAGE = 1
#: Seconds for what takes some of them on a busy machine.
PATIENCE = 120


@dataclass
class Scene:
    """A workspace, and the rows that one machine makes of it."""

    place: Path
    engine: str
    address: str
    seconds: float = 0.2
    expected: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        copied(_build, self.place)
        self.expected = driver.rows(self.data)
        assert len({row["removed_by"] for row in self.expected}) > 3

    @property
    def data(self) -> Path:
        """The workspace."""
        return self.place / "data"

    @property
    def calls(self) -> Path:
        """A line for each shard of the slow stage that was begun."""
        return self.place / "calls"

    @property
    def begun(self) -> int:
        """Shards of the slow stage that were begun."""
        return len(self.calls.read_bytes()) // 2 if self.calls.exists() else 0

    def start(self, **more: Any) -> subprocess.Popen[str]:
        """Start a run."""
        given = {
            "data": str(self.data), "engine": self.engine, "address": self.address, "calls": str(self.calls),
            "seconds": self.seconds, "again": True, **more,
        }  # fmt: skip
        command = [sys.executable, "-W", "ignore", "-m", "tests.cluster.driver", json.dumps(given)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, **more: Any) -> tuple[int, str]:
        """Run to the end; gives the exit code and what was written."""
        process = self.start(**more)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out + err

    def wait_until(self, condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        """Wait for something that the run does."""
        until = time.monotonic() + PATIENCE
        while not condition():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)

    @property
    def accepted(self) -> int:
        """Shards of the slow stage that the journal has."""
        return len(list(self.data.glob(f".work/*/journal/stage{SLOW_STAGE}-*.json")))

    def check(self, *, unfinished: bool = False) -> None:
        """The rows are those of one machine, and nothing else is left, unless the run is `unfinished`."""
        assert driver.rows(self.data) == self.expected
        space = Workspace(self.data)
        [folder] = [path for path in space.curated.iterdir() if not path.name.startswith(".")]
        manifest = json.loads((folder / "manifest.json").read_text())
        assert {path.name for path in folder.iterdir()} == {"manifest.json", *manifest["files"]}
        assert unfinished or not [path for path in space.work.rglob("*") if path.suffix not in (".lock", ".holder")]
        assert not list(space.curated.glob(".*"))


def _build(place: Path) -> None:
    for number in range(SHARDS):
        lines = [json.dumps(post, ensure_ascii=False) for post in posts(number * 30, 30)]
        path = place / f"{number}.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        collect(place / "data", open_source("file", [str(path)], {}))
    curate(place / "data", driver.recipe("", 0), context=RunContext(driver.engine_of("local", "")))
