"""One statement and its answer; see `curation.asking.query`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.states import ReplacedError
from curation.errors import UsageError
from curation.writing.characters import is_whole
from curation.writing.terminal import count

if TYPE_CHECKING:
    import pyarrow as pa

#: Most characters of a statement, rows of an answer on a page, and rows and bytes of one that is downloaded.
LONGEST, SHOWN, MOST_ROWS, MOST_BYTES = 20_000, 1_000, 1_000_000, 100_000_000
#: Seconds that a query may take; DuckDB's bound of memory, and that of the whole process in bytes.
SECONDS, MEMORY, PROCESS_BYTES = 60, "512MB", 2_000_000_000
ROOT = Path(__file__).parents[3]


class QueryError(UsageError):
    """A statement that is not run, or that failed; `place` shows where, in lines of fixed width."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Answer:
    """What a statement gives."""

    content: bytes  # Arrow's stream format, CSV or Parquet
    rows: int
    more: bool  # whether there are more rows, which are left out
    seconds: float

    def table(self) -> pa.Table:
        """The rows; only of an answer in the format `arrow`."""
        import pyarrow as pa

        return pa.ipc.open_stream(self.content).read_all()


@dataclass
class Query:
    """One run of a statement over the posts in these files."""

    files: Sequence[str]
    statement: str
    format: str = "arrow"  # or csv, or parquet
    rows: int = SHOWN
    seconds: float = SECONDS
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _cancelled: bool = False

    def run(self) -> Answer:
        """The answer. Raises `QueryError`, and `ReplacedError` when a run has replaced the files."""
        if not self.statement.strip():
            raise QueryError("There is no statement yet. Begin with SELECT.")
        if len(self.statement) > LONGEST:
            raise QueryError(f"The statement has {count(len(self.statement), 'character')}; it can have {LONGEST:,}.")
        if not is_whole(self.statement) or "\0" in self.statement:
            raise QueryError("The statement holds characters that the database does not take.")
        began = time.monotonic()
        head, content = self._answer(json.dumps(self.request()).encode())
        if "replaced" in head:
            raise ReplacedError
        if "error" in head:
            raise QueryError(str(head["error"]), str(head.get("place", "")))
        return Answer(content, int(head["rows"]), bool(head["more"]), time.monotonic() - began)

    def cancel(self) -> None:
        """End it, from another thread."""
        self._cancelled = True
        if self._process:
            self._process.kill()

    def request(self) -> dict[str, Any]:
        """What the process gets."""
        return {
            "files": list(self.files), "statement": self.statement, "format": self.format, "rows": self.rows,
            "seconds": self.seconds, "memory": MEMORY, "bytes": PROCESS_BYTES, "most": MOST_BYTES,
        }  # fmt: skip

    def _answer(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        pipe = subprocess.PIPE
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        # Nothing of the environment that a library could read a place or a password from.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "curation.asking.query.process"], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": os.pathsep.join(paths), "HOME": os.devnull}, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self.seconds, end)
        timer.start()
        try:
            if self._cancelled:
                process.kill()
            printed, _ = process.communicate(request)
        finally:
            timer.cancel()
            process.kill()
        if self._cancelled:
            raise QueryError("Cancelled.")
        if late.is_set():
            raise QueryError(f"It took more than {self.seconds:g} seconds and was ended.")
        line, _, content = printed.partition(b"\n")
        try:
            head: dict[str, Any] = json.loads(line)
        except ValueError:
            raise QueryError("It needs more memory than a query may have, and was ended.") from None
        return head, content
