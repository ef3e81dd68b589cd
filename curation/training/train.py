"""`train`: from an export to a model in its folder, resumable at every checkpoint."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from curation.cards.parts import counted
from curation.disk.tombstones import now
from curation.disk.training_record import COMPLETE, INTERRUPTED, EpochResult, Measurement, TrainingRecord
from curation.errors import RefusedError, UsageError
from curation.options.export import TRAIN, VALID
from curation.options.training import SCRATCH, TrainingOptions
from curation.tracking.index import sha256_of
from curation.training import packages
from curation.training.devices import devices, move
from curation.training.folders import require_name, training_of
from curation.training.models import lock_of
from curation.training.outcome import TrainingOutcome, Watchers, finite
from curation.training.provenance import posts_seen
from curation.training.requests import Start, digests, request_of
from curation.training.stop_signal import StopSignal
from curation.training.text import TrainingText
from curation.training.unfinished import TrainingRequest, Unfinished
from curation.writing.terminal import spoken_time

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.training.bases import Trainee
    from curation.training.loop import Loop

#: Advice when memory is short.
ADVICE = (
    "Lower --batch-tokens or --block, cut a step into parts with --accumulate 4, train an adapter with --lora, or "
    "choose a smaller base. What was saved in checkpoints stays: --resume goes on from there."
)

#: Seconds on a CPU from which a notice mentions how fast a GPU is.
LONG = 30 * 60.0


def train(
    space: Workspace,
    name: str,
    text: Callable[[], TrainingText],
    options: TrainingOptions,
    *,
    start: Start | None = None,
    watchers: Watchers | None = None,
) -> TrainingOutcome:
    """Train a model and put it into DIR/models/NAME, or go on with an interrupted training of this name.

    `text` opens the training text; it is called once nothing else stands in the way. A training that resumes takes
    the text and the options that it began with.

    Raises `UsageError` for missing packages or options that don't fit, `InputError` for an unreadable base or export,
    `RefusedError` for text that differs from its export, `NothingToDoError` if there is nothing to resume, and
    `WorkspaceError` if the disk refuses. An earlier checkpoint stays.
    """
    start = start or Start()
    require_name(name)
    packages.require("Training", *(["peft"] if options.lora else []))
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(space.at_once(lock_of(name)))
        except Timeout as error:
            raise RefusedError(
                f"Another process is training {name} just now. Wait for it, or choose another --name."
            ) from error
        unfinished = Unfinished(training_of(space, name))
        request = request_of(space, name, unfinished, text, options, start)
        return _Training(space, name, unfinished, request, watchers or Watchers()).run(start)


class _Training:
    """One call of `train`."""

    def __init__(
        self, space: Workspace, name: str, unfinished: Unfinished, request: TrainingRequest, watchers: Watchers
    ) -> None:
        self.space, self.name, self.unfinished, self.request, self.watchers = space, name, unfinished, request, watchers
        self.stop = StopSignal(self.watchers.on_notice)
        self.latest: Measurement | None = None

    def run(self, start: Start) -> TrainingOutcome:
        """Prepare, take the steps, save."""
        from curation.training.saving import next_version

        text = self._text(start)
        options = TrainingOptions(**self.request.options)
        with packages.quiet(), packages.out_of_memory(ADVICE):
            device, dtype = devices(options, self.request.threads)
            trainee, loop = self._prepared(text, options, device, dtype)
            version = next_version(self.space, self.name)
            if start.resume:
                self._restore(loop)
            else:
                self.unfinished.begin(self.request, posts_seen(text, options.base))
                self._announce(trainee, loop)
                self._measure_before(loop)
            on_epoch = functools.partial(self._on_epoch, trainee)
            with self.stop.listening():  # also while the model is saved, which is soon done
                if not loop.run(self._on_interval, on_epoch, self._on_step):
                    self._checkpoint(loop)
                    return self._outcome(INTERRUPTED, version, trainee, loop, self.unfinished.folder, None)
                record = self._record(text, trainee, loop, version, device, dtype)
                return self._saved(text, trainee, loop, version, record)

    def _text(self, start: Start) -> TrainingText:
        text = TrainingText.open(Path(self.request.export), self.request.format)
        if start.resume:
            target = start.target
            if target and target != text.record.recipe and Path(target).absolute() != text.folder:
                raise UsageError(
                    f"The training of {self.name} began with {text.record.recipe} in {text.folder}, and --resume goes "
                    f"on with it. Leave {target} out, or begin again with --restart."
                )
            text.check(self.space, sha256_of)
            if digests(text) != self.request.files:
                raise RefusedError(
                    f"The training text in {text.folder} is another one than when the training began, so going on "
                    "would mix the two. Begin again: --restart"
                )
        return text

    def _prepared(self, text: TrainingText, options: TrainingOptions, device: Any, dtype: Any) -> tuple[Trainee, Loop]:
        """Model and rows, on the device."""
        from curation.exports.formats import tokenizing
        from curation.training.bases import given_coder, load_trainee, new_trainee, require_same_vocabulary
        from curation.training.batches import joined
        from curation.training.encoding import encode
        from curation.training.loop import Loop, StepPlan

        coder = given_coder(text, options)
        if options.base == SCRATCH:
            trainee = new_trainee(options, text.samples(tokenizing.LEARNED), text.characters(TRAIN), coder)
        else:
            trainee = load_trainee(options)
            require_same_vocabulary(trainee, coder, text)
        options = trainee.options
        self.watchers.on_notice("Encoding the posts.")
        documents, valid = encode(text.documents(TRAIN), trainee), encode(text.documents(VALID), trainee)
        if not len(documents) or not len(valid):
            raise RefusedError(f"One side of the export in {text.folder} has no post with text; nothing was trained.")
        self.sides = {TRAIN: documents, VALID: valid}
        rows = joined(documents, options) if options.joined else documents.rows(options.block)
        move(trainee.model, device)
        loop = Loop(trainee.model, rows, valid.rows(options.block), StepPlan.of(rows, options), options, device, dtype)
        return trainee, loop

    def _restore(self, loop: Loop) -> None:
        from curation.training.checkpoints import restore

        restore(loop, self.unfinished.folder)
        self.unfinished.rewind(loop.state.step)
        self.watchers.on_notice(f"Going on at step {loop.state.step:,} of {loop.plan.total:,}.")

    def _announce(self, trainee: Trainee, loop: Loop) -> None:
        seconds = loop.seconds_per_step() * loop.plan.total
        on = "this CPU" if loop.device.type == "cpu" else "this GPU"
        base = trainee.base
        trained = f", of which {base.trained_parameters:,} are trained" if base.lora else ""
        faster = "; a GPU needs minutes" if seconds > LONG and loop.device.type == "cpu" else ""
        self.watchers.on_notice(
            f"{base.parameters:,} parameters{trained}; {counted(loop.plan.total, 'step')}, "
            f"about {spoken_time(seconds)} on {on}{faster}."
        )

    # ---- while it goes on

    def _measure_before(self, loop: Loop) -> None:
        score = loop.score()
        figures = Measurement(
            0, 0.0, 0, 0.0, valid_loss=score.loss, valid_bits_per_character=score.bits_per_character,
            valid_perplexity=finite(score.perplexity),
        )  # fmt: skip
        self.unfinished.add("before", figures)
        self.watchers.on_measurement(figures)
        self._checkpoint(loop)

    def _on_interval(self, loop: Loop) -> None:
        self._measured(loop)
        self._checkpoint(loop)

    def _measured(self, loop: Loop) -> Measurement:
        state = loop.state
        score = loop.score(sample=True)
        figures = Measurement(
            state.step, loop.plan.epochs(state.step), state.tokens, round(state.seconds, 3),
            train_loss=loop.end_interval(),
            learning_rate=loop.learning_rate(state.step - 1), valid_loss=score.loss,
            valid_bits_per_character=score.bits_per_character, valid_perplexity=finite(score.perplexity),
        )  # fmt: skip
        self.latest = figures
        self.unfinished.add("measurement", figures)
        self.watchers.on_measurement(figures)
        return figures

    def _on_epoch(self, trainee: Trainee, loop: Loop, epoch: int) -> None:
        """End an epoch: measure all held-out posts, write samples, keep the best weights, decide whether to stop."""
        from curation.training.checkpoints import save_best
        from curation.training.samples import write_samples

        self._measured(loop)
        state, score = loop.state, loop.score()
        result = EpochResult(
            epoch, state.step, loop.end_epoch(), score.loss, score.bits_per_character,
            finite(score.perplexity), write_samples(trainee, loop, epoch),
        )  # fmt: skip
        self.unfinished.add("epoch", result)
        self.watchers.on_notice(
            f"{self._place(loop, epoch)}: loss {result.train_loss:.3f}, "
            f"held-out {score.bits_per_character:.3f} bits per character, perplexity {score.perplexity:,.1f}."
        )
        if state.best is None or score.bits_per_character < state.best:
            state.best, state.best_epoch, state.worse = score.bits_per_character, epoch, 0
            if loop.options.keep == "best":
                save_best(loop, self.unfinished.folder)
        else:
            state.worse += 1
        state.stopped = bool(loop.options.early_stop) and state.worse >= loop.options.early_stop
        self._checkpoint(loop)

    @staticmethod
    def _place(loop: Loop, epoch: int) -> str:
        passes = loop.plan.epochs(loop.state.step)
        return f"Epoch {epoch}" if passes == epoch else f"Step {loop.state.step:,}, epoch {passes:.2f}"

    def _on_step(self, loop: Loop) -> bool:
        state = loop.state
        if state.step % 10 == 0 or self.stop.number is not None:
            loss = f"loss {self.latest.train_loss:.3f}" if self.latest else ""
            self.watchers.on_progress(state.step, loop.plan.total, loss)
        return self.stop.number is not None and state.step < loop.plan.total

    def _checkpoint(self, loop: Loop) -> None:
        from curation.training.checkpoints import save

        save(loop, self.unfinished.folder)

    # ---- the end

    def _saved(
        self, text: TrainingText, trainee: Trainee, loop: Loop, version: str, record: TrainingRecord
    ) -> TrainingOutcome:
        from curation.training.cards.trained import write_trained_card
        from curation.training.checkpoints import restore_best
        from curation.training.saving import save_model

        if record.weights == "best":
            restore_best(trainee.model, self.unfinished.folder)
        move(trainee.model, "cpu")
        trainee.model.eval()
        seen = posts_seen(text, loop.options.base)
        folder = save_model(self.space, trainee, record, seen, write_trained_card)
        outcome = self._outcome(COMPLETE, version, trainee, loop, folder, record)
        self.unfinished.remove()
        return outcome

    def _record(
        self, text: TrainingText, trainee: Trainee, loop: Loop, version: str, device: Any, dtype: Any
    ) -> TrainingRecord:
        from curation.training.provenance import data_of

        state, progress = loop.state, self.unfinished.progress()
        return TrainingRecord(
            model=self.name, version=version, created_at=now(), status=COMPLETE, base=trainee.base,
            data=data_of(self.space, text, self.sides, loop.options), hyperparameters=dataclasses.asdict(loop.options),
            seed=loop.options.seed, device=device.type, precision=str(dtype).removeprefix("torch."),
            threads=self.request.threads if device.type == "cpu" else None, steps=state.step,
            seconds=round(state.seconds, 3), tokens_per_second=round(state.tokens / max(state.seconds, 1e-9), 1),
            curve=progress.curve, epochs=progress.epochs, before=progress.before, best_epoch=state.best_epoch,
            weights=loop.options.keep, versions=packages.package_versions(),
        )  # fmt: skip

    def _outcome(
        self, status: str, version: str, trainee: Trainee, loop: Loop, folder: Path, record: TrainingRecord | None
    ) -> TrainingOutcome:
        return TrainingOutcome(
            status, self.name, version, folder, loop.state.step, loop.options.seed, dataclasses.asdict(loop.options),
            self.unfinished.progress(), self.stop.number if status == INTERRUPTED else None, record,
        )  # fmt: skip
