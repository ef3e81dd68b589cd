"""Whether a training may begin or go on, with what, and the signal that stops it."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.disk.tombstones import now
from curation.errors import NothingToDoError, RefusedError, UsageError
from curation.options.export import TRAIN, VALID
from curation.options.option import flag
from curation.options.training import TrainingOptions
from curation.tracking.index import sha256_of
from curation.training.devices import devices, usual_threads
from curation.training.unfinished import TrainingRequest, Unfinished

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.training.text import TrainingText


@dataclass(frozen=True)
class Start:
    """How a training begins, or goes on."""

    resume: bool = False  # go on with the interrupted training of this name
    restart: bool = False  # discard it
    target: str = ""  # with `resume`: the recipe or the folder that the training must have begun with
    allow_small: bool = False  # learn even from very little text


def request_of(
    space: Workspace, name: str, unfinished: Unfinished, open_text: Callable[[], TrainingText],
    options: TrainingOptions, start: Start,
) -> TrainingRequest:  # fmt: skip
    """The request of a training: a new one or, to resume, the one that the training began with.

    Raises as `curation.training.train.train` does.
    """
    if start.resume and start.restart:
        raise UsageError("--resume goes on, and --restart begins again: choose one of them.")
    if start.resume:
        if not unfinished.has_checkpoint:
            raise NothingToDoError(
                f"No training of {name} waits to be resumed in {unfinished.folder.parent}. "
                f"Begin one: {space.command('train', '--name', name)}"
            )
        request = unfinished.request()
        _require_same(options, request)
        return request
    if unfinished.has_checkpoint and not start.restart:
        raise RefusedError(
            f"A training of {name} was interrupted, and its checkpoint is in {unfinished.folder}. Go on with it: "
            f"{space.command('train', '--name', name, '--resume')} Throw it away and begin again: --restart"
        )
    if options.device != "auto":
        devices(options, 1)  # before anything is written for it
    text = open_text()
    text.check(space, sha256_of)
    text.require_length(allow_small=start.allow_small)
    return TrainingRequest(
        name, dataclasses.asdict(options), str(text.folder.absolute()), text.format, digests(text), now(),
        options.threads or usual_threads(options, text.characters(TRAIN)), start.allow_small,
    )  # fmt: skip


def _require_same(options: TrainingOptions, request: TrainingRequest) -> None:
    """Raise `UsageError` for an option that differs from how the training began."""
    usual = dataclasses.asdict(TrainingOptions())
    for key, value in dataclasses.asdict(options).items():
        before = request.options.get(key)
        if value != usual[key] and value != before:
            before = "none" if before is None else before
            raise UsageError(
                f"{flag(key)}: the training of {request.model} began with {before}, and --resume "
                "goes on with the settings that it began with. Leave the option out, or begin again with --restart."
            )


def digests(text: TrainingText) -> dict[str, str]:
    """SHA-256 by name of the files of both sides, from the export's manifest."""
    return {file["name"]: file["sha256"] for split in (TRAIN, VALID) for file in text.files[split]}


class StopSignal:
    """Waits for SIGINT and SIGTERM."""

    def __init__(self, on_notice: Callable[[str], None]) -> None:
        self.on_notice = on_notice
        self.number: int | None = None  # of the signal that came

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Record the first signal, so that the training ends after its step. A second one ends it at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def stop(number: int, frame: object) -> None:
            self.number = number
            self.on_notice("Stopping after this step …")
            signal.signal(number, before[signal.Signals(number)])

        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
