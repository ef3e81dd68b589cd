"""Recording: what a command reads and makes is told to a `Recording`, and at its end stands in a file.

Whatever goes wrong here is a note, never an error: the command has done its work. A command that was refused before it
began, for a wrong option or since there was nothing to do, leaves no record, and neither does one that made no
workspace.
"""

from __future__ import annotations

import contextlib
import datetime
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from curation import versions
from curation.disk.whole_files import writing
from curation.disk.workspace import Workspace
from curation.errors import CurationError, NothingToDoError, UsageError
from curation.tracking import artifacts
from curation.tracking.run_record import DONE, FAILED, INTERRUPTED, RunRecord, runs_of, write

if TYPE_CHECKING:
    from curation.collecting.land import Landing
    from curation.corpus.corpus import Corpus
    from curation.corpus.curate import Run
    from curation.disk.compaction import Compaction
    from curation.disk.training_record import Measurement, TrainingRecord
    from curation.exports.formats.base import ExportResult
    from curation.tracking.artifacts import Artifact, Described
    from curation.tracking.index import RunIndex
    from curation.tracking.live import Live

Notice = Callable[[str], None]


class TrainingResult(Protocol):
    """What came of a training, as far as its record needs it."""

    @property
    def status(self) -> str:
        """Complete or interrupted."""

    @property
    def seed(self) -> int:
        """Of the training."""

    @property
    def folder(self) -> Path:
        """Where the model lies when the run ends."""

    @property
    def record(self) -> TrainingRecord | None:
        """Of the model; None while there is none."""


class Recording:
    """What is known so far of a run that is going on."""

    def __init__(self, space: Workspace, job: str, configuration: Mapping[str, Any]) -> None:
        self.space = space
        self._began = time.monotonic()
        now = datetime.datetime.now(datetime.UTC)
        self.record = RunRecord(
            f"{now:%Y%m%dT%H%M%S.%fZ}-{job}-{uuid.uuid4().hex[:8]}", job, now.isoformat(timespec="microseconds"), 0.0,
            DONE, configuration=dict(configuration),
        )  # fmt: skip
        self._inputs: list[Described] = []
        self._outputs: list[Described] = []
        self.live: Live | None = None  # the trackers, if they see the run while it goes on

    def read(self, *inputs: Described) -> None:
        """Say what the run was given; see `curation.tracking.artifacts`."""
        self._inputs += inputs

    def add_outputs(self, *outputs: Described) -> None:
        """Say what the run made."""
        self._outputs += outputs

    def measured(self, **metrics: float) -> None:
        """Say figures of it."""
        self.record = replace(self.record, metrics={**self.record.metrics, **metrics})

    def log(self, measurement: Measurement) -> None:
        """Hand on a point of a learning curve to trackers that see the run while it goes on."""
        if self.live:
            self.live.log(measurement)

    def set_fields(self, **fields: Any) -> None:
        """Set other fields of the record: `status`, `seeds`, `recipe`."""
        self.record = replace(self.record, **fields)

    def landed(self, landing: Landing) -> None:
        """Take up what came of a collect."""
        self.set_fields(status=landing.status)
        folders = dict.fromkeys(Path(file).parent for file in landing.files)
        self.add_outputs(*(artifacts.landing(self.space, folder) for folder in folders))
        self.measured(
            landed=landing.landed, updated=landing.updated, already_had=landing.already_had,
            rejected=landing.rejected_count,
        )  # fmt: skip

    def curated(self, run: Run) -> None:
        """Take up what came of a run."""
        corpus, counts = run.corpus, run.corpus.manifest["counts"]
        self.set_fields(status=run.status)
        self._of_the_recipe(corpus)
        self.measured(downloaded=counts["downloaded"], kept=counts["kept"])
        self.measured(**{f"removed.{rule}": posts for rule, posts in counts["removed"].items()})
        if run.status == "unchanged":  # it made nothing, and what there is need not be looked at again
            self.read(artifacts.curated(self.space, corpus))
            return
        self.read(*artifacts.landings_of(self.space, corpus))
        self.add_outputs(artifacts.curated(self.space, corpus))

    def exported(self, corpus: Corpus, out: Path, result: ExportResult) -> None:
        """Take up what came of an export."""
        from curation.disk import export_manifest

        made_of = {each.made_of for each in export_manifest.read(out) or () if each.names}
        if tuple(corpus.manifest["files"]) not in made_of:  # it was replaced meanwhile, and the new one was exported
            corpus = corpus.successor() or corpus
        self._of_the_recipe(corpus)
        self.read(artifacts.curated(self.space, corpus))
        self.add_outputs(artifacts.exported(self.space, out, result))
        for file in result.files:
            size = file.path.stat().st_size
            figures = {"posts": file.posts, "characters": file.characters, "bytes": size}
            self.measured(**{f"{file.path.name}.{name}": figure for name, figure in figures.items()})

    def trained(self, outcome: TrainingResult) -> None:
        """Take up what came of a training; one that was interrupted made nothing yet."""
        from curation.disk.training_record import held_out
        from curation.tracking.model_artifacts import model_artifact, training_inputs

        self.set_fields(status=outcome.status, seeds={"seed": outcome.seed})
        training = outcome.record
        if training is None:
            return
        self.set_fields(recipe={"name": training.data.recipe, "fingerprint": training.data.fingerprint})
        self.read(*training_inputs(self.space, training))
        self.add_outputs(model_artifact(self.space, outcome.folder))
        figures = held_out(training)
        metrics = {
            "steps": training.steps, "tokens_per_second": training.tokens_per_second,
            "posts": training.data.train.posts, "valid_loss": figures.loss if figures else None,
            "valid_bits_per_character": figures.bits_per_character if figures else None,
            "valid_perplexity": figures.perplexity if figures else None,
        }  # fmt: skip
        self.measured(**{name: figure for name, figure in metrics.items() if figure is not None})

    def compacted(self, compaction: Compaction) -> None:
        """Take up what came of a compaction; the landings that it replaced are known by their names."""
        self.read(*(artifacts.replaced(name) for name in compaction.replaced))
        self.add_outputs(artifacts.landing(self.space, compaction.folder))
        self.measured(rows=compaction.rows, bytes_before=compaction.bytes_before, bytes_after=compaction.bytes_after)

    def documented(self, corpus: Corpus, path: Path) -> None:
        """Take up a card or a report."""
        self._of_the_recipe(corpus)
        self.read(artifacts.curated(self.space, corpus))
        self.add_outputs(artifacts.document(self.space, path))

    def documented_model(self, folder: Path, training: TrainingRecord, path: Path) -> None:
        """Take up the card of a model."""
        from curation.tracking.model_artifacts import model_artifact

        self.set_fields(recipe={"name": training.data.recipe, "fingerprint": training.data.fingerprint})
        self.read(model_artifact(self.space, folder))
        self.add_outputs(artifacts.document(self.space, path))

    def _of_the_recipe(self, corpus: Corpus) -> None:
        recipe = corpus.manifest["recipe"]
        self.set_fields(recipe={"name": recipe["name"], "fingerprint": recipe["fingerprint"]})

    def write(self, outcome: str, error: str | None = None) -> RunRecord:
        """Hash what was read and made, give versions, and write the record. Raises `CurationError`, `OSError`."""
        from filelock import FileLock

        from curation.tracking.index import PATIENCE, opened

        seconds = round(time.monotonic() - self._began, 3)
        with writing(self.space.root):
            runs_of(self.space).mkdir(exist_ok=True)
            self.space.work.mkdir(exist_ok=True)
        with opened(self.space) as index:
            inputs, outputs = ([each(index.digest) for each in side] for side in (self._inputs, self._outputs))
            # Of two at once, one comes later, with the next version; it never waits for long.
            with FileLock(self.space.work / "runs.lock", timeout=PATIENCE):
                index.catch_up()
                self.record = replace(
                    self.record, seconds=seconds, outcome=outcome, error=error, versions=versions.of_packages(),
                    inputs=_numbered(inputs, index), outputs=_numbered(outputs, index),
                )  # fmt: skip
                write(self.space, self.record)
                index.catch_up()
        return self.record


def _numbered(unnumbered: Sequence[Artifact], index: RunIndex) -> tuple[Artifact, ...]:
    """Artifacts with their versions; of the same name in one run, each new content has its own."""
    numbered: list[Artifact] = []
    for each in unnumbered:
        version = index.version(each)
        mine = {a.digest: a.version for a in numbered if (a.type, a.name) == (each.type, each.name)}
        if each.digest in mine:
            version = mine[each.digest]
        elif version in mine.values():
            version = f"v{1 + max(int(v[1:]) for v in mine.values() if v)}"
        numbered.append(each.numbered(version))
    return tuple(numbered)


@contextlib.contextmanager
def recorded(
    data: Workspace | Path | str,
    job: str,
    configuration: Mapping[str, Any] | None = None,
    *,
    track: Sequence[str] = (),
    track_files: bool = False,
    project: str | None = None,
    live: bool = False,
    on_notice: Notice | None = None,
) -> Iterator[Recording]:
    """Record what is done inside as one run of the workspace, and mirror it to the trackers that are named.

    `configuration` is what it was told, without secrets and without posts. `track` names `wandb` or `trackio`, in whose
    `project` the run appears; `track_files` puts the files themselves into their artifacts, where otherwise only
    digests stand. With `live` the trackers are open from the beginning, for `Recording.log`. `on_notice` hears what
    could not be recorded. What is raised inside is recorded and raised.
    Raises `UsageError` before anything is done, for a tracker that is not known or not installed.
    """
    from curation.tracking import trackers

    for name in track:
        trackers.check(name)
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    recording = Recording(space, job, configuration or {})
    say = on_notice or (lambda note: None)
    if live and track and space.root.is_dir():
        from curation.tracking.live import Live

        recording.live = Live(space, recording.record, track, project, say)
        track = ()
    try:
        yield recording
    except BaseException as error:
        outcome, sentence = _ended(error)
        if outcome is not None and space.root.is_dir():
            _finish(recording, outcome, sentence, () if outcome == INTERRUPTED else track, track_files, project, say)
        elif recording.live:
            recording.live.close(replace(recording.record, outcome=FAILED))
        raise
    if space.root.is_dir():
        _finish(recording, DONE, None, track, track_files, project, say)


def _ended(error: BaseException) -> tuple[str | None, str | None]:
    """How a run ended that raised; no outcome at all for one that had not begun."""
    if isinstance(error, (UsageError, NothingToDoError)):
        return None, None
    if isinstance(error, CurationError):
        return FAILED, " ".join(str(error).split())
    if isinstance(error, Exception):
        return FAILED, type(error).__name__  # what it says may hold anything, posts too
    return INTERRUPTED, None


def _finish(
    recording: Recording, outcome: str, error: str | None, track: Sequence[str], files: bool, project: str | None,
    say: Notice,
) -> None:  # fmt: skip
    """Write the record, then tell the trackers; each failure is a note."""
    from curation.tracking import trackers
    from curation.tracking.live import clause

    record = None
    try:
        record = recording.write(outcome, error)
    except Exception as why:  # the command's own result stands, whatever it is
        say(f"Note: this run was not recorded: {clause(why)}")
    if recording.live:
        recording.live.close(record or replace(recording.record, outcome=outcome, error=error), files=files)
    for name in track:
        try:
            if record:
                trackers.mirror(name, recording.space, record, files=files, project=project)
        except (Exception, SystemExit) as why:
            say(f"Note: {name} did not take this run: {clause(why)} Its record is in {runs_of(recording.space)}.")
