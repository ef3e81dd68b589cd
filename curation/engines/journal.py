"""The journal of a run whose workers are elsewhere: which attempt of each task counts.

::

    INTO/journal/run.json            what the run rests on; a journal of anything else is no use
    INTO/journal/stage0-00007.json   the accepted outcome of a task, put in place whole
    INTO/journal/stage0.spent        nobody needs the files of this step any more

The first outcome of a task is accepted, and later ones change nothing. A process that takes the run up again runs only
tasks that have none. Files of other attempts are swept.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.disk.whole_files import write_whole
from curation.engines.depot import SharedFolder
from curation.engines.tasks import ATTEMPT, Outcome, WrittenFile
from curation.errors import CurationError
from curation.writing.terminal import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curation.engines.depot import Depot
    from curation.engines.tasks import Task, Workers

JOURNAL = "journal"
RUN = "run.json"
SPENT = ".spent"
#: Steps whose files are needed after an exchange, its marks too.
LASTING = re.compile(r"(stage|marks)[0-9]+|part")
#: In the folder of a run: where the last step writes.
PARTS = "parts"


class StaleJournalError(Exception):
    """Accepted files are gone or changed, and what they were made of is gone too."""


@dataclass
class Journal:
    """What is accepted of one run, in its folder `into`."""

    into: Path
    basis: str  # a digest of all that the files depend on
    depot: Depot = SharedFolder()  # where the files lie; the records lie on this machine
    accepted: dict[str, dict[int, Outcome]] = field(default_factory=dict)  # by step and part
    spent: set[str] = field(default_factory=set)  # steps whose files nobody needs any more
    whole: set[str] = field(default_factory=set)  # names of files that this process has accepted or read

    @classmethod
    def open(cls, into: Path, basis: str, depot: Depot | None = None) -> Journal:
        """The journal in a run's folder, taken up if it is of the same basis; all that no run needs is removed."""
        journal = cls(into, basis, depot or SharedFolder())
        try:
            journal._read()
        except (OSError, ValueError, KeyError, TypeError):
            journal.clear()
        journal.sweep()
        (into / PARTS).mkdir(exist_ok=True)
        return journal

    @property
    def folder(self) -> Path:
        """Where the records lie."""
        return self.into / JOURNAL

    def clear(self) -> None:
        """Begin anew: nothing is accepted."""
        self.accepted, self.spent, self.whole = {}, set(), set()
        self.sweep()
        for folder in (self.folder, self.into / PARTS):
            shutil.rmtree(folder, ignore_errors=True)
        (self.into / PARTS).mkdir()
        self.folder.mkdir()
        write_whole(self.folder / RUN, json.dumps({"schema": 1, "basis": self.basis}))

    def accept(self, outcome: Outcome, folder: Path) -> bool:
        """Accept an outcome whose files lie in `folder`, on the disk before it counts; False when one is accepted.

        Raises `CurationError` for a file that isn't there as its worker wrote it.
        """
        step = self.accepted.setdefault(outcome.step, {})
        if outcome.part in step:
            return False
        for written in outcome.files:
            size = self.depot.size(folder / written.name)
            if size != written.size:
                raise CurationError(
                    f"A worker has written {folder / written.name}, {count(written.size, 'byte')}, and this machine "
                    f"{'does not see it' if size is None else f'sees {size:,} of them'}. Put --data on a folder that "
                    "this machine and every worker share."
                )
        record = json.dumps({"schema": 1, **dataclasses.asdict(outcome)})
        write_whole(self.folder / f"{outcome.step}-{outcome.part:05d}.json", record)
        step[outcome.part] = outcome
        self.whole |= {written.name for written in outcome.files}
        return True

    def find(self, step: str, part: int, folder: Path) -> Outcome | None:
        """The accepted outcome of a task, its files as they were written; None when the task has to run.

        Raises `StaleJournalError` when they aren't, and can't be made again.
        """
        outcome = self.accepted.get(step, {}).get(part)
        if outcome is None or step in self.spent or all(self._is_whole(folder, written) for written in outcome.files):
            return outcome
        if self.spent:
            raise StaleJournalError(step)
        del self.accepted[step][part]
        (self.folder / f"{step}-{part:05d}.json").unlink(missing_ok=True)
        return None

    def retire(self, step: str) -> None:
        """Say that nobody needs the files of a step, before they are removed."""
        write_whole(self.folder / f"{step}{SPENT}", "")
        self.spent.add(step)

    def retire_between(self) -> None:
        """Say so of all steps of an exchange that is through, and remove their files."""
        for step in {*self.accepted} - self.spent:
            if not LASTING.fullmatch(step):
                self.retire(step)
        self.sweep()

    def sweep(self) -> None:
        """Remove the files of attempts that don't count, and of steps that nobody needs."""
        needed = {
            written.name
            for step, outcomes in self.accepted.items()
            if step not in self.spent
            for outcome in outcomes.values()
            for written in outcome.files
        }
        for folder in (self.into, self.into / PARTS):
            left = (name for name in self.depot.names(folder) if ATTEMPT.fullmatch(name) and name not in needed)
            self.depot.remove([folder / name for name in left])

    def _is_whole(self, folder: Path, written: WrittenFile) -> bool:
        if written.name in self.whole:
            return True
        if self.depot.is_whole(folder / written.name, written):
            self.whole.add(written.name)
            return True
        return False

    def _read(self) -> None:
        """Read the records. Raises `ValueError` when they are of another basis, and others for damaged ones."""
        if json.loads((self.folder / RUN).read_bytes())["basis"] != self.basis:
            raise ValueError("the journal of another run")
        for path in sorted(self.folder.iterdir()):
            if path.suffix == SPENT:
                self.spent.add(path.stem)
            elif path.suffix == ".json" and path.name != RUN and not path.name.startswith("."):
                record = json.loads(path.read_bytes())
                files = tuple(WrittenFile(**written) for written in record["files"])
                outcome = Outcome(record["step"], record["part"], files, record["posts"])
                self.accepted.setdefault(outcome.step, {})[outcome.part] = outcome
        if missing := self.spent - {*self.accepted}:
            raise ValueError(f"there are no records of {missing}")


@dataclass(frozen=True)
class AcceptedOutcomes:
    """Workers behind a journal: a task that has an accepted outcome is not run again."""

    workers: Workers
    journal: Journal

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks; yields the accepted outcome of each."""
        waiting: list[Task] = []
        for task in tasks:
            if outcome := self.journal.find(task.step, task.part, task.folder):
                yield outcome
            else:
                waiting.append(task)
        folders = {(task.step, task.part): task.folder for task in waiting}
        if waiting:
            for outcome in self.workers.map(waiting):
                if self.journal.accept(outcome, folders[outcome.step, outcome.part]):
                    yield outcome
