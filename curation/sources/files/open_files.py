"""The zips and tars of one command, as files to seek in, however many they are.

A folder may hold thousands of zips, and a zip as many others, but a process may have only some hundred files open (256
on macOS). So the file on the disk that was unused for longest is closed, and opened again when it is read. What has to
be unpacked first goes to one temporary file without a name, which vanishes with the process.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from curation.sources.files.byte_streams import Section
from curation.sources.files.input_files import InputFile, gather, is_plain, unpacked

#: Files that are open at the same time.
MOST_OPEN = 64


@dataclass
class OpenFiles:
    """Files to seek in. Close it when nothing of them is read any more."""

    _on_disk: OrderedDict[Path, io.FileIO] = field(default_factory=OrderedDict)
    _spool: io.BufferedRandom | None = None

    def seekable(self, file: InputFile) -> Section:
        """The unpacked bytes of a file. Raises `InputError` if they are too many or break off."""
        if is_plain(file):
            return Section(_DiskFile(self, file.path), 0, file.path.stat().st_size)
        return self.laid_aside(unpacked(file), str(file.path))

    def laid_aside(self, chunks: Iterable[bytes], what: str) -> Section:
        """Bytes in the temporary file. Raises `InputError` if it would grow too large."""
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        begin = self._spool.seek(0, io.SEEK_END)
        try:
            size = gather(self._spool, chunks, what)
        except BaseException:
            self._spool.truncate(begin)
            raise
        return Section(self._spool, begin, size)

    def number(self, path: Path) -> int:
        """The number by which the system knows the open file at `path`."""
        file = self._on_disk.get(path)
        if file is None:
            file = self._on_disk[path] = path.open("rb", buffering=0)
            if len(self._on_disk) > MOST_OPEN:
                self._on_disk.popitem(last=False)[1].close()
        self._on_disk.move_to_end(path)
        return file.fileno()

    def close(self) -> None:
        """Close all files."""
        for file in self._on_disk.values():
            file.close()
        self._on_disk.clear()
        if self._spool:
            self._spool.close()


@dataclass
class _DiskFile:
    """A file at a path, opened when its number is needed."""

    files: OpenFiles
    path: Path
    _identity: tuple[int, int, int] | None = None

    def fileno(self) -> int:
        number = self.files.number(self.path)
        status = os.fstat(number)
        identity = status.st_dev, status.st_ino, status.st_size
        if self._identity not in (None, identity):
            raise OSError("another file has its name now")
        self._identity = identity
        return number
