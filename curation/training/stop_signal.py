"""The signal that ends a training between two steps."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


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
