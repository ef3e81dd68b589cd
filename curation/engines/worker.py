"""In a worker of a cluster: a task is tried, and whatever comes of it is an answer that any scheduler can carry.

An exception is an answer as well. A scheduler would try the task again, and print its own traceback.
"""

from __future__ import annotations

import platform
import threading
import traceback
from typing import TYPE_CHECKING, Any

import cloudpickle
import duckdb

from curation.disk.whole_files import is_full, reason_of
from curation.engines.shard import close
from curation.errors import CurationError, WorkspaceError

if TYPE_CHECKING:
    from curation.engines.tasks import Task


class _Run(threading.local):
    """The run that this worker works for."""

    token = ""


_run = _Run()


def attempt(task: bytes, memory_limit: str, run: str) -> tuple[str, Any, str]:
    """Try a pickled task; gives `outcome` or `error`, the pickled outcome or exception, and the worker's name."""
    host = platform.node()
    if _run.token != run:
        close()  # its functions may be those of a rule that was edited since
        _run.token = run
    try:
        work: Task = cloudpickle.loads(task)
        try:
            return "outcome", cloudpickle.dumps(work.run(memory_limit)), host
        except (OSError, duckdb.IOException) as error:
            raise _of_disk(error, work, host) from error
    except Exception as error:
        return "error", _portable(error, host), host


def _of_disk(error: Exception, task: Task, host: str) -> WorkspaceError:
    """What a person is told when a worker can't write."""
    reason = reason_of(error)
    room = "Make room there" if is_full(error) else "Mend that"
    return WorkspaceError(
        f"The worker {host} can't write to {task.folder}: {reason}. What was there before is unchanged. {room} and run "
        "the command again: it goes on from what is done."
    )


def _portable(error: Exception, host: str) -> bytes:
    """An exception without its traceback, or one that says the same where it can't be pickled."""
    if not isinstance(error, CurationError):
        error.add_note(f"On the worker {host}:\n{''.join(traceback.format_exception(error))}")
    try:
        pickled: bytes = cloudpickle.dumps(error.with_traceback(None))
        cloudpickle.loads(pickled)
    except Exception as why:  # what its class holds can't travel; what it says can, with the reason
        text = f"A worker failed on {host}: {type(error).__name__}: {error}"
        pickled = cloudpickle.dumps(CurationError(f"{text} (the error itself can't be sent: {type(why).__name__})"))
    return pickled
