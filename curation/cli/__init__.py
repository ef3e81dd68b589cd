"""The command `curation`: its start and its end.

Results go to stdout, everything else to stderr. Exit codes: 0 done · 1 failed · 2 wrong usage or a wrong recipe ·
3 nothing to do · 4 a check failed · 130 and 143 interrupted (Ctrl-C, SIGTERM). A command that ends early changes
nothing and explains why in one paragraph.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from curation.errors import CurationError

if TYPE_CHECKING:
    from types import FrameType

#: The signals that end a command, each with exit code 128 + its number, as in shells.
ENDING = (signal.SIGINT, signal.SIGTERM)
#: Seconds until `Interrupted` is raised again where it was lost, and within which two signals are one.
AGAIN, TOGETHER = 0.5, 1.0


class Interrupted(BaseException):
    """A signal asks the command to end; raised wherever the program is."""


class _Ending:
    """Turns a signal into `Interrupted` until the program unwinds, then lets it clean up; a second one ends it at once.

    An exception that is raised wherever the program happens to be can get lost: Python drops it in a finalizer or a
    callback, and a library may replace it by an error that somebody handles. So it is raised again every `AGAIN`
    seconds while nothing unwinds. A second signal, unless it comes with the first one, is a person who insists: the
    process ends as by kill -9, which leaves what was there before, as always.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._first = 0.0

    def listen(self) -> None:
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._take)
        self._unraisable, sys.unraisablehook = sys.unraisablehook, self._drop

    def rest(self) -> None:
        """Raise nothing any more."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = self._unraisable

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.number is None:
            self.number, self._first = number, time.monotonic()
            if hasattr(signal, "setitimer"):
                signal.signal(signal.SIGALRM, self._again)
                signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
            raise Interrupted
        if time.monotonic() - self._first > TOGETHER:
            with contextlib.suppress(OSError):
                os.write(2, f"curation: {self.message}\n".encode())
            os._exit(128 + self.number)

    def _again(self, number: int, frame: FrameType | None) -> None:
        if not _unwinds():
            raise Interrupted

    def _drop(self, unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not Interrupted:  # which comes again
            self._unraisable(unraisable)

    @property
    def message(self) -> str:
        how = "" if self.number == signal.SIGINT else f" ({signal.Signals(self.number or 0).name})"
        return f"Interrupted{how}. What was there before is unchanged; run the command again to complete it."


def _unwinds() -> bool:
    """Whether the program is on its way out because of `Interrupted`."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, Interrupted):
            return True
        error = error.__context__
    return False


def main() -> None:
    """Run the command line; the entry point."""
    ending = _Ending()
    message, code = None, 1
    try:
        ending.listen()
        message, code = _run()
    except Interrupted:
        pass
    finally:
        ending.rest()
    if ending.number is not None and code:
        # The signal decides, not the error: some libraries replace what is raised in them by an error of their own.
        message, code = ending.message, 128 + ending.number
    if message:
        from curation.cli.output import complain

        complain(message)
    sys.exit(_flushed(code))


def _run() -> tuple[str | None, int]:
    """Run a command. Gives a message about its failure, and the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Posts are in every script; a terminal that can't show one gets an escape instead of a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        from curation.cli.commands import app_for

        app_for(sys.argv[1:])()
    except SystemExit as ending:
        return None, ending.code if isinstance(ending.code, int) else 0
    except CurationError as error:
        return _paragraph(error), error.exit_code
    except BrokenPipeError:
        return None, 1
    except OSError as error:
        if os.environ.get("CURATION_DEBUG"):
            raise
        return _of_the_system(error), 1
    except MemoryError:
        return "Not enough memory. Try again with a smaller --memory-limit, or with fewer --workers.", 1
    except Exception as error:
        if os.environ.get("CURATION_DEBUG"):
            raise
        if no_room := _no_room(error):
            return no_room, 1
        first = (str(error).strip().splitlines() or [""])[0]
        return (
            f"Something went wrong that should not have: {type(error).__name__}: {first}. "
            "What was there before is unchanged. Run the command again with CURATION_DEBUG=1 in the environment "
            "to see where it happened, and report it.",
            1,
        )
    return None, 0


def _paragraph(error: CurationError) -> str:
    """The message as one paragraph; nothing in it can control the terminal."""
    from curation.cli.output import visible

    return visible(" ".join(str(error).split()))


def _of_the_system(error: OSError) -> str:
    from curation.disk.whole_files import reason_of

    place = error.filename or "the result"
    return f"Can't read or write {place}: {reason_of(error)}. What was there before is unchanged."


def _no_room(error: Exception) -> str | None:
    """What to say where DuckDB or Arrow found a full disk; None for any other error."""
    from curation.disk.whole_files import is_full, reason_of

    if not is_full(error):
        return None
    return (
        f"Can't write what this takes: {reason_of(error)}. What was there before is unchanged. "
        "Make room on the disk of the workspace and run the command again."
    )


def _flushed(code: int) -> int:
    """Flush the output. Gives the exit code: 1 if that fails, as in `curation rules | head -1`."""
    try:
        if sys.stdout:  # None if it was closed before the command started
            sys.stdout.flush()
    except OSError as error:
        # The rest can't be written at exit either; without this, Python would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print(f"curation: {_of_the_system(error)}", file=sys.stderr)
        return code or 1
    return code


def __getattr__(name: str) -> Any:
    if name == "app":  # imports typer only when needed
        from curation.cli.commands import app

        return app
    raise AttributeError(f"module 'curation.cli' has no attribute '{name}'")
