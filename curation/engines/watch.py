"""Whether a scheduler is still there, and has workers: looked at in a thread, since a look may never end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.errors import CurationError

if TYPE_CHECKING:
    from typing import Self

#: Seconds between two looks.
BEAT = 5.0
#: What a sentence about a run on a cluster ends with.
ENDING = "What was there before is unchanged. Run the command again: it goes on from what is done."


@dataclass
class Watch:
    """Looks at a scheduler as long as the block runs. `look` gives the number of its slots."""

    name: str
    look: Callable[[], int]
    patience: float  # seconds
    slots: int = 0
    _answered: float = field(default_factory=time.monotonic)
    _staffed: float = field(default_factory=time.monotonic)  # when there was a worker
    _first: threading.Event = field(default_factory=threading.Event)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
        self._first.wait(BEAT)
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()

    def check(self) -> None:
        """Raise `CurationError` when the scheduler has been silent or without a worker for too long."""
        now = time.monotonic()
        if now - self._answered > self.patience:
            raise CurationError(
                f"{self.name} has not answered for {_seconds(now - self._answered)}. Is it running, and can this "
                f"machine reach it? {ENDING}"
            )
        if now - self._staffed > self.patience:
            raise CurationError(
                f"{self.name} has had no worker for {_seconds(now - self._staffed)}. Start workers. {ENDING}"
            )

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self.slots = self.look()
            except Exception:  # whatever it is, the scheduler has not answered
                pass
            else:
                self._answered = time.monotonic()
                if self.slots:
                    self._staffed = self._answered
            self._first.set()
            self._end.wait(BEAT)


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} seconds"
