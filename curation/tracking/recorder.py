"""Recording: a command tells a `Recording` what it reads and makes, and the recording becomes a file at the end.

A failure here is a note, never an error: the command has done its work. A command that never began, because of a wrong
option or because there was nothing to do, leaves no record. Neither does one that made no workspace.
"""

from __future__ import annotations

import contextlib
import datetime
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import versions
from curation.disk import export_manifest
from curation.disk.training_record import Measurement, TrainingRecord, held_out
from curation.disk.whole_files import writing
from curation.disk.workspace import Workspace
from curation.errors import CurationError, NothingToDoError, UsageError
from curation.recipes.verdict import KEPT_BY_HAND
from curation.tracking import artifacts
from curation.tracking.model_artifacts import model_artifact, training_input
from curation.tracking.run_record import DONE, FAILED, INTERRUPTED, RunRecord, runs_of, write

if TYPE_CHECKING:
    from curation.collecting.land import Landing
    from curation.corpus.corpus import Corpus
    from curation.corpus.curate import Run
    from curation.disk.compaction import Compaction
    from curation.exports.formats.base import ExportResult
    from curation.tracking.artifacts import Artifact, Described
    from curation.tracking.index import RunIndex
    from curation.tracking.trackers import Live

Notice = Callable[[str], None]


class Recording:
    """The record of a run that is going on."""

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
        self.live: Live | None = None  # the trackers, if they watch the run while it goes on

    def read(self, *inputs: Described) -> None:
        """Add inputs of the run; see `curation.tracking.artifacts`."""
        self._inputs += inputs

    def add_outputs(self, *outputs: Described) -> None:
        """Add outputs of the run."""
        self._outputs += outputs

    def measured(self, **metrics: float) -> None:
        """Add figures."""
        self.record = replace(self.record, metrics={**self.record.metrics, **metrics})

    def log(self, measurement: Measurement) -> None:
        """Hand a point of a learning curve to trackers that watch the run."""
        if self.live:
            self.live.log(measurement)

    def set_fields(self, **fields: Any) -> None:
        """Set other fields of the record: `status`, `seeds`, `recipe`."""
        self.record = replace(self.record, **fields)

    def landed(self, landing: Landing) -> None:
        """Enter the result of a collect."""
        self.set_fields(status=landing.status)
        folders = dict.fromkeys(Path(file).parent for file in landing.files)
        self.add_outputs(*(partial(artifacts.landing, self.space, folder) for folder in folders))
        self.measured(
            landed=landing.landed, updated=landing.updated, already_had=landing.already_had,
            rejected=landing.rejected_count,
        )  # fmt: skip

    def curated(self, run: Run) -> None:
        """Enter the result of a run."""
        corpus, counts = run.corpus, run.corpus.manifest["counts"]
        self._set_recipe(corpus.manifest["recipe"], status=run.status)
        self.measured(downloaded=counts["downloaded"], kept=counts["kept"])
        self.measured(**{f"removed.{rule}": posts for rule, posts in counts["removed"].items()})
        if KEPT_BY_HAND in counts:
            self.measured(kept_by_hand=counts[KEPT_BY_HAND])
        if run.status == "unchanged":  # it made nothing
            self.read(partial(artifacts.curated, self.space, corpus))
            return
        self.read(*artifacts.landings_of(self.space, corpus))
        self.add_outputs(partial(artifacts.curated, self.space, corpus))

    def exported(self, corpus: Corpus, out: Path, result: ExportResult) -> None:
        """Enter the result of an export."""
        made_of = {each.made_of for each in export_manifest.read(out) or () if each.names}
        if tuple(corpus.manifest["files"]) not in made_of:  # a run replaced it meanwhile, and the new one was exported
            corpus = corpus.successor() or corpus
        self._set_recipe(corpus.manifest["recipe"])
        self.read(partial(artifacts.curated, self.space, corpus))
        self.add_outputs(partial(artifacts.exported, self.space, out, result))
        for file in result.files:
            figures = {"posts": file.posts, "characters": file.characters, "bytes": file.path.stat().st_size}
            self.measured(**{f"{file.path.name}.{name}": figure for name, figure in figures.items()})

    def trained(self, status: str, seed: int, folder: Path, training: TrainingRecord | None) -> None:
        """Enter the result of a training: the model in `folder` and its record, None after an interruption."""
        self.set_fields(status=status, seeds={"seed": seed})
        if training is None:
            return
        self._set_recipe({"name": training.data.recipe, "fingerprint": training.data.fingerprint})
        self.read(partial(training_input, self.space, training))
        self.add_outputs(partial(model_artifact, self.space, folder))
        figures = held_out(training)
        metrics = {
            "steps": training.steps, "tokens_per_second": training.tokens_per_second,
            "posts": training.data.train.posts, "valid_loss": figures.loss if figures else None,
            "valid_bits_per_character": figures.bits_per_character if figures else None,
            "valid_perplexity": figures.perplexity if figures else None,
        }  # fmt: skip
        self.measured(**{name: figure for name, figure in metrics.items() if figure is not None})

    def compacted(self, compaction: Compaction) -> None:
        """Enter the result of a compaction; only the names of the replaced landings are left."""
        self.read(*(partial(artifacts.replaced, name) for name in compaction.replaced))
        self.add_outputs(partial(artifacts.landing, self.space, compaction.folder))
        self.measured(rows=compaction.rows, bytes_before=compaction.bytes_before, bytes_after=compaction.bytes_after)

    def documented(self, corpus: Corpus, path: Path) -> None:
        """Enter a card or a report."""
        self._set_recipe(corpus.manifest["recipe"])
        self.read(partial(artifacts.curated, self.space, corpus))
        self.add_outputs(partial(artifacts.document, self.space, path))

    def documented_model(self, folder: Path, training: TrainingRecord, path: Path) -> None:
        """Enter the card of a model."""
        self._set_recipe({"name": training.data.recipe, "fingerprint": training.data.fingerprint})
        self.read(partial(model_artifact, self.space, folder))
        self.add_outputs(partial(artifacts.document, self.space, path))

    def _set_recipe(self, recipe: Mapping[str, Any], **fields: Any) -> None:
        self.set_fields(recipe={"name": recipe["name"], "fingerprint": recipe["fingerprint"]}, **fields)

    def write(self, outcome: str, error: str | None = None) -> RunRecord:
        """Hash inputs and outputs, number their versions, and write the record. Raises `CurationError`, `OSError`."""
        from filelock import FileLock

        from curation.tracking.index import PATIENCE, opened

        seconds = round(time.monotonic() - self._began, 3)
        with writing(self.space.root):
            runs_of(self.space).mkdir(exist_ok=True)
            self.space.work.mkdir(exist_ok=True)
        with opened(self.space) as index:
            inputs, outputs = ([each(index.digest) for each in side] for side in (self._inputs, self._outputs))
            # Of two runs at once, one comes later and gets the next version; it never waits for long.
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
    """Artifacts with their versions; each new content of one name in this run has its own."""
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
    """Record what is done inside as one run of the workspace, and mirror it to trackers.

    `configuration` holds the options, without secrets and posts. `track` names `wandb` or `trackio`; the run appears in
    their `project`. Their artifacts hold digests, and with `track_files` the files too. With `live` the trackers are
    open from the beginning, for `Recording.log`. `on_notice` is called with what could not be recorded. An error inside
    is recorded and raised. Raises `UsageError` at once for a tracker that is unknown or not installed.
    """
    from curation.tracking import trackers

    for name in track:
        trackers.check(name)
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    recording = Recording(space, job, configuration or {})
    say = on_notice or (lambda note: None)
    if live and track and space.root.is_dir():
        recording.live = trackers.Live(space, recording.record, track, project, say)
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
    """Outcome and sentence of a run that raised an error; no outcome when it never began."""
    if isinstance(error, (UsageError, NothingToDoError)):
        return None, None
    if isinstance(error, CurationError):
        return FAILED, " ".join(str(error).split())
    if isinstance(error, Exception):
        return FAILED, type(error).__name__  # its message may hold anything, posts too
    return INTERRUPTED, None


def _finish(
    recording: Recording, outcome: str, error: str | None, track: Sequence[str], files: bool, project: str | None,
    say: Notice,
) -> None:  # fmt: skip
    """Write the record, then mirror it; each failure is a note."""
    from curation.tracking import trackers

    record = None
    try:
        record = recording.write(outcome, error)
    except Exception as why:  # the command's own result stands
        say(f"Note: this run was not recorded: {trackers.clause(why)}")
    if recording.live:
        recording.live.close(record or replace(recording.record, outcome=outcome, error=error), files=files)
    for name in track:
        try:
            if record:
                trackers.mirror(name, recording.space, record, files=files, project=project)
        except (Exception, SystemExit) as why:
            place = runs_of(recording.space)
            say(f"Note: {name} did not take this run: {trackers.clause(why)} Its record is in {place}.")
