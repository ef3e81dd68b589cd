"""Files on their way into the workspace: a browser streams them to the server's disk, and they go after the landing.

Streamlit's own upload would hold a file in memory, and an archive may have gigabytes. Here a request's body goes to a
folder of unfinished work in the workspace, block by block. The server holds the folder's lock, so whatever a killed
server leaves is swept by the next command. Nothing opens a file here; the command line reads it, and of an archive it
opens only the members that hold posts.

A request counts only with the token that this server gave to a page of its own, from the page's own origin, and by a
visitor who may write.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
import re
import secrets
import shutil
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from curation.disk.workspace import Workspace
from curation.errors import CurationError, RefusedError
from curation.writing.characters import whole
from dashboards import session

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: The address that takes files.
PATH = "/import/upload"
#: Bytes that stay free on the disk, and bytes of a file's name.
RESERVE, LONGEST = 500_000_000, 180
#: Uploads at once, files of one visit, visits whose files wait, and visits that may still send some.
AT_ONCE, FILES, TRAYS, PROMISES = 4, 500, 50, 1_000
#: Bytes after which the disk is asked for room again.
CHECK = 64_000_000

_UNFIT = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\[\]]")
_STALE = "Reload the page: the dashboard was started again."


@dataclass(frozen=True)
class Upload:
    """A file that has arrived whole."""

    name: str
    size: int  # bytes


class Tray:
    """The files of one visit, in a folder of unfinished work; a thread holds the folder's lock until `close`."""

    def __init__(self, name: str, space: Workspace) -> None:
        self.id = name
        self.uploads: list[Upload] = []
        self.folder = Path()
        self.lock = threading.Lock()
        self._names: set[str] = set()
        self._closed, self._ready = threading.Event(), threading.Event()
        self._failure: CurationError | None = None
        self._thread = threading.Thread(target=self._hold, args=(space,), name=f"tray {self.id}", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    @property
    def is_open(self) -> bool:
        """Whether its files are there."""
        return not self._closed.is_set()

    def close(self) -> None:
        """Remove the files."""
        self._closed.set()
        self._thread.join()

    def add(self, upload: Upload) -> None:
        """Count a file that has arrived."""
        with self.lock:
            self.uploads.append(upload)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self.lock:
            self.uploads = [each for each in self.uploads if each.name != name]
            self._names.discard(name.casefold())
        (self.folder / name).unlink(missing_ok=True)

    def reserve(self, name: str) -> str:
        """A name that is free, like this one. Raises `RefusedError` for too many files."""
        name = first = file_name(name)
        with self.lock:
            if len(self._names) >= FILES:
                raise RefusedError(f"These are more than {FILES} files at once. Put them into a zip.")
            for number in range(2, FILES + 2):
                if name.casefold() not in self._names:
                    break
                stem, dot, ending = first.partition(".")
                name = f"{stem} ({number}){dot}{ending}"
            self._names.add(name.casefold())
        return name

    def _hold(self, space: Workspace) -> None:
        try:
            with space.staging("upload") as folder:
                self.folder = folder.absolute()
                self._ready.set()
                self._closed.wait()
        except CurationError as error:
            self._failure = error
            self._closed.set()
            self._ready.set()


def file_name(visitors: str) -> str:
    r"""A name for a file in a folder of ours, like the one that the visitor's machine has.

    >>> [file_name(name) for name in ("../../etc/passwd", "-rf.json", "..", "a*b?.csv", "C:\\me\\tweets.js")]
    ['passwd', 'rf.json', 'file', 'a_b_.csv', 'tweets.js']
    """
    last = unicodedata.normalize("NFC", whole(visitors)).replace("\\", "/").rpartition("/")[2]
    name = _UNFIT.sub("_", "".join(c for c in last if unicodedata.category(c) not in ("Cf", "Zl", "Zp")))
    name = name.strip(" .").lstrip("-~ ") or "file"
    stem, dot, ending = name.partition(".") if len(name) > LONGEST else (name, "", "")
    ending = ending[-20:]
    while len((stem + dot + ending).encode()) > LONGEST and stem:
        stem = stem[:-1]
    return (stem + dot + ending) or "file"


class Trays:
    """The trays of a server."""

    def __init__(self) -> None:
        self._trays: dict[str, Tray] = {}
        self._promised: dict[str, None] = {}  # names of trays that may be opened, the oldest first
        self._lock = threading.Lock()

    def promise(self) -> str:
        """The name of a tray that its first file will open, so that a visit alone writes nothing."""
        with self._lock:
            name = secrets.token_urlsafe(16)
            self._promised[name] = None
            while len(self._promised) > PROMISES:
                del self._promised[next(iter(self._promised))]
        return name

    def is_good(self, name: str) -> bool:
        """Whether files can be sent to the tray of that name."""
        return name in self._promised or self.find(name) is not None

    def open(self, name: str, space: Workspace) -> Tray | None:
        """The tray of that name, if it was promised. Raises `WorkspaceError`, `RefusedError`."""
        with self._lock:
            if tray := self.find(name):
                return tray
            if name not in self._promised:
                return None
            for tray in [tray for tray in self._trays.values() if not tray.is_open]:
                del self._trays[tray.id]
            empty = [tray for tray in self._trays.values() if not tray.uploads]
            if len(self._trays) >= TRAYS and not empty:
                raise RefusedError("Too many files wait to be imported. Import or discard some first.")
            if len(self._trays) >= TRAYS:
                self._trays.pop(empty[0].id).close()
            tray = Tray(name, space)
            del self._promised[name]
            self._trays[name] = tray
            return tray

    def find(self, tray: str) -> Tray | None:
        """The tray of that name, if its files are there."""
        found = self._trays.get(tray)
        return found if found and found.is_open else None

    def close(self) -> None:
        """Remove all files; for the end of the server."""
        with self._lock:
            for tray in self._trays.values():
                tray.close()
            self._trays.clear()


@functools.cache
def trays() -> Trays:
    """The trays of this server."""
    return Trays()


@functools.cache
def token() -> str:
    """What a page of this server proves itself with."""
    return secrets.token_urlsafe(32)


@functools.cache
def _turns() -> asyncio.Semaphore:
    return asyncio.Semaphore(AT_ONCE)


async def receive(request: Request) -> Response:
    """Take one file: the body of a POST with the names of its tray and its own in the query."""
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse, Response

    if why := _refusal(request):
        return JSONResponse({"error": why}, 403)
    try:
        tray = await asyncio.to_thread(trays().open, request.query_params.get("tray", ""), session.workspace())
        if not tray:
            return JSONResponse({"error": _STALE}, 410)
        async with _turns():
            name = tray.reserve(request.query_params.get("name", ""))
            try:
                size = await _write(request, tray.folder / name)
            except BaseException:
                tray.remove(name)
                raise
            tray.add(Upload(name, size))
    except ClientDisconnect:
        return Response(status_code=400)
    except CurationError as error:
        return JSONResponse({"error": str(error)}, 413)
    except OSError as error:
        return JSONResponse({"error": f"The file can't be written: {error.strerror or error}."}, 507)
    return JSONResponse({"name": name, "size": size})


def _refusal(request: Request) -> str:
    """Why a request does not count; "" when it does."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not session.writes_from(host):
        return session.READ_ONLY
    if not hmac.compare_digest(request.headers.get("x-curation-token", "").encode(), token().encode()):
        return _STALE
    if origin is not None and urlsplit(origin).netloc != host:
        return "This request comes from another page."
    return ""


async def _write(request: Request, path: Path) -> int:
    """Write the body to a file. Gives its bytes. Raises `RefusedError` when it is too large for the disk."""
    announced = request.headers.get("content-length", "")
    _require_room(path.parent, int(announced) if announced.isdecimal() else 0)
    size, checked = 0, 0
    file: IO[bytes] = await asyncio.to_thread(path.open, "xb")
    try:
        async for block in request.stream():
            size += len(block)
            if size - checked > CHECK:
                checked = size
                _require_room(path.parent, 0)
            await asyncio.to_thread(file.write, block)
    finally:
        await asyncio.to_thread(file.close)
    return size


def _require_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    # The posts land beside the file, in less space than it takes.
    if free - size < RESERVE:
        raise RefusedError(
            f"The disk of the workspace has {free / 1e6:,.0f} MB free, which is too little for this file. "
            "Make room, or import it from where it lies."
        )
