"""`train`: from an export to a model in its folder, resumable at every checkpoint."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

from filelock import Timeout

from curation.disk.tombstones import now
from curation.disk.training_record import COMPLETE, INTERRUPTED, EpochResult, Measurement, TrainingRecord
from curation.disk.workspace import Workspace
from curation.errors import RefusedError, UsageError
from curation.exports.formats import tokenizing
from curation.options.export import TRAIN, VALID
from curation.options.training import SCRATCH, TrainingOptions
from curation.tracking.index import sha256_of
from curation.training import packages
from curation.training.bases import given_coder, load_trainee, new_trainee, require_same_vocabulary
from curation.training.batches import joined
from curation.training.cards.trained import write_trained_card
from curation.training.checkpoints import restore, restore_best, save, save_best
from curation.training.devices import devices, move
from curation.training.encoding import encode
from curation.training.folders import next_version, require_name, training_of
from curation.training.loop import Loop, StepPlan
from curation.training.models import lock_of
from curation.training.outcome import TrainingOutcome, Watchers, finite, write_samples
from curation.training.provenance import data_of, posts_seen
from curation.training.requests import Start, StopSignal, digests, request_of
from curation.training.saving import save_model
from curation.training.text import TrainingText
from curation.training.unfinished import TrainingRequest, Unfinished
from curation.writing.terminal import count, spoken_time

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
    """One call of `train`: the model in memory, and its folder while it is unfinished."""

    def __init__(
        self, space: Workspace, name: str, unfinished: Unfinished, request: TrainingRequest, watchers: Watchers
    ) -> None:
        self.space, self.name, self.unfinished, self.request, self.watchers = space, name, unfinished, request, watchers
        self.stop = StopSignal(self.watchers.on_notice)
        self.latest: Measurement | None = None

    def run(self, start: Start) -> TrainingOutcome:
        """Prepare, take the steps, save."""
        self.text = self._text(start)
        with packages.quiet(), packages.out_of_memory(ADVICE):
            self._prepare(TrainingOptions(**self.request.options))
            self.version = next_version(self.space, self.name)
            if start.resume:
                self._restore()
            else:
                self.unfinished.begin(self.request, posts_seen(self.text, self.loop.options.base))
                self._announce()
                self._measure("before")
                self._checkpoint()
            with self.stop.listening():  # also while the model is saved, which is soon done
                if not self.loop.run(self._on_interval, self._on_epoch, self._on_step):
                    self._checkpoint()
                    return self._outcome(INTERRUPTED, self.unfinished.folder, None)
                return self._saved()

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

    def _prepare(self, options: TrainingOptions) -> None:
        """Put model and rows on the device."""
        text = self.text
        device, dtype = devices(options, self.request.threads)
        coder = given_coder(text, options)
        if options.base == SCRATCH:
            self.trainee = new_trainee(options, text.samples(tokenizing.LEARNED), text.characters(TRAIN), coder)
        else:
            self.trainee = load_trainee(options)
            require_same_vocabulary(self.trainee, coder, text)
        resolved = self.trainee.options
        self.watchers.on_notice("Encoding the posts.")
        self.sides = {side: encode(text.documents(side), self.trainee) for side in (TRAIN, VALID)}
        documents, valid = self.sides[TRAIN], self.sides[VALID]
        if not len(documents) or not len(valid):
            raise RefusedError(f"One side of the export in {text.folder} has no post with text; nothing was trained.")
        rows = joined(documents, resolved) if resolved.joined else documents.rows(resolved.block)
        move(self.trainee.model, device)
        plan = StepPlan.of(rows, resolved)
        self.loop = Loop(self.trainee.model, rows, valid.rows(resolved.block), plan, resolved, device, dtype)

    def _restore(self) -> None:
        restore(self.loop, self.unfinished.folder)
        step = self.loop.state.step
        self.unfinished.rewind(step)
        self.watchers.on_notice(f"Going on at step {step:,} of {self.loop.plan.total:,}.")

    def _announce(self) -> None:
        loop, base = self.loop, self.trainee.base
        seconds = loop.seconds_per_step() * loop.plan.total
        on = "this CPU" if loop.device.type == "cpu" else "this GPU"
        trained = f", of which {base.trained_parameters:,} are trained" if base.lora else ""
        faster = "; a GPU needs minutes" if seconds > LONG and loop.device.type == "cpu" else ""
        self.watchers.on_notice(
            f"{base.parameters:,} parameters{trained}; {count(loop.plan.total, 'step')}, "
            f"about {spoken_time(seconds)} on {on}{faster}."
        )

    # ---- while it goes on

    def _measure(self, kind: str) -> Measurement:
        """Measure held-out posts: all of them `before` the first step, later a sample."""
        loop, state = self.loop, self.loop.state
        is_first = kind == "before"
        score = loop.score(sample=not is_first)
        figures = Measurement(
            state.step, loop.plan.epochs(state.step), state.tokens, round(state.seconds, 3),
            train_loss=None if is_first else loop.end_interval(),
            learning_rate=None if is_first else loop.learning_rate(state.step - 1), valid_loss=score.loss,
            valid_bits_per_character=score.bits_per_character, valid_perplexity=finite(score.perplexity),
        )  # fmt: skip
        self.unfinished.add(kind, figures)
        self.watchers.on_measurement(figures)
        return figures

    def _on_interval(self, loop: Loop) -> None:
        self.latest = self._measure("measurement")
        self._checkpoint()

    def _on_epoch(self, loop: Loop, epoch: int) -> None:
        """End an epoch: measure all held-out posts, write samples, keep the best weights, decide whether to stop."""
        self.latest = self._measure("measurement")
        state, score = loop.state, loop.score()
        result = EpochResult(
            epoch, state.step, loop.end_epoch(), score.loss, score.bits_per_character,
            finite(score.perplexity), write_samples(self.trainee, loop, epoch),
        )  # fmt: skip
        self.unfinished.add("epoch", result)
        passes = loop.plan.epochs(state.step)
        place = f"Epoch {epoch}" if passes == epoch else f"Step {state.step:,}, epoch {passes:.2f}"
        self.watchers.on_notice(
            f"{place}: loss {result.train_loss:.3f}, held-out {score.bits_per_character:.3f} bits per character, "
            f"perplexity {score.perplexity:,.1f}."
        )
        if state.best is None or score.bits_per_character < state.best:
            state.best, state.best_epoch, state.worse = score.bits_per_character, epoch, 0
            if loop.options.keep == "best":
                save_best(loop, self.unfinished.folder)
        else:
            state.worse += 1
        state.stopped = bool(loop.options.early_stop) and state.worse >= loop.options.early_stop
        self._checkpoint()

    def _on_step(self, loop: Loop) -> bool:
        state = loop.state
        if state.step % 10 == 0 or self.stop.number is not None:
            loss = f"loss {self.latest.train_loss:.3f}" if self.latest else ""
            self.watchers.on_progress(state.step, loop.plan.total, loss)
        return self.stop.number is not None and state.step < loop.plan.total

    def _checkpoint(self) -> None:
        save(self.loop, self.unfinished.folder)

    # ---- the end

    def _saved(self) -> TrainingOutcome:
        model, record = self.trainee.model, self._record()
        if record.weights == "best":
            restore_best(model, self.unfinished.folder)
        move(model, "cpu")
        model.eval()
        seen = posts_seen(self.text, self.loop.options.base)
        folder = save_model(self.space, self.trainee, record, seen, write_trained_card)
        outcome = self._outcome(COMPLETE, folder, record)
        self.unfinished.remove()
        return outcome

    def _record(self) -> TrainingRecord:
        loop, state, progress = self.loop, self.loop.state, self.unfinished.progress()
        return TrainingRecord(
            model=self.name, version=self.version, created_at=now(), status=COMPLETE, base=self.trainee.base,
            data=data_of(self.space, self.text, self.sides, loop.options),
            hyperparameters=dataclasses.asdict(loop.options), seed=loop.options.seed, device=loop.device.type,
            precision=str(loop.dtype).removeprefix("torch."),
            threads=self.request.threads if loop.device.type == "cpu" else None, steps=state.step,
            seconds=round(state.seconds, 3), tokens_per_second=round(state.tokens / max(state.seconds, 1e-9), 1),
            curve=progress.curve, epochs=progress.epochs, before=progress.before, best_epoch=state.best_epoch,
            weights=loop.options.keep, versions=packages.package_versions(),
        )  # fmt: skip

    def _outcome(self, status: str, folder: Path, record: TrainingRecord | None) -> TrainingOutcome:
        options = self.loop.options
        return TrainingOutcome(
            status, self.name, self.version, folder, self.loop.state.step, options.seed, dataclasses.asdict(options),
            self.unfinished.progress(), self.stop.number if status == INTERRUPTED else None, record,
        )  # fmt: skip
