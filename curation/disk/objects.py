"""A folder in an object store, `s3://bucket/prefix`: whole objects, put in place under a condition.

An object is seen when it is complete, and never half. Nothing is renamed, and nobody can hold a lock; what has to
happen once is put in place on the condition that nobody did so before (`ObjectFolder.place`). Credentials and the
endpoint come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …), or from the machine's role.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.states import ReplacedError
from curation.errors import UsageError, WorkspaceError

if TYPE_CHECKING:
    from obstore.store import S3Store

#: How long a request is tried again when the store does not answer: a minute without a network is survived.
PATIENCE = timedelta(minutes=3)
#: How long one request may take before it is tried again.
TIMEOUT = timedelta(seconds=30)
#: Bytes that are fetched at a time, and sent at a time.
AT_ONCE = 8 << 20

URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")


def is_object_url(place: object) -> bool:
    """Whether a place is named by a URL of an object store rather than by a path."""
    # `Path` makes one slash of two.
    return bool(re.match(r"s3:/+", str(place)))


@dataclass(frozen=True)
class ObjectEntry:
    """What the store says of an object."""

    name: str  # in the folder
    size: int  # bytes
    modified: datetime  # UTC, by the store's clock
    tag: str  # changes with every write


@dataclass(frozen=True)
class ObjectFolder:
    """All objects of a bucket whose names begin with a prefix. It is picklable, and connects when it is used.

    Each method raises `WorkspaceError`, in one sentence, when the store can't be reached or refuses.
    """

    url: str  # s3://bucket/prefix, without a slash at its end

    @classmethod
    def at(cls, url: object) -> ObjectFolder:
        """The folder of a URL. Raises `UsageError` when it is none."""
        text = re.sub(r"^s3:/+", "s3://", str(url)).rstrip("/")
        if not URL.fullmatch(text):
            raise UsageError(f"{text} is no address in an object store. Write s3://BUCKET/PREFIX.")
        return cls(text)

    def below(self, name: str) -> ObjectFolder:
        """A folder in this one."""
        return ObjectFolder(f"{self.url}/{name}")

    def read(self, name: str) -> bytes:
        """The whole of a small object. Raises `FileNotFoundError`."""
        import obstore

        with self._requests(name):
            return bytes(obstore.get(self._store, name).bytes())

    def entry(self, name: str) -> ObjectEntry | None:
        """What the store says of an object; None when there is none."""
        import obstore

        with contextlib.suppress(FileNotFoundError), self._requests(name):
            head = obstore.head(self._store, name)
            return ObjectEntry(name, head["size"], head["last_modified"], head["e_tag"] or "")
        return None

    def open(self, name: str) -> io.RawIOBase:
        """An object to read parts of, each with a request. Raises `FileNotFoundError`."""
        entry = self.entry(name)
        if entry is None:
            raise FileNotFoundError(f"There is no {self.url}/{name}.")
        return _Ranges(self, entry)

    def read_range(self, name: str, begin: int, end: int) -> bytes:
        """The bytes of an object from `begin` (inclusive) to `end` (exclusive). Raises `FileNotFoundError`."""
        import obstore

        with self._requests(name):
            return bytes(obstore.get_range(self._store, name, start=begin, end=end))

    def fetch(self, name: str, to: Path) -> None:
        """Write an object into a file of this machine. Raises `FileNotFoundError`, `OSError`."""
        import obstore

        with self._requests(name):
            chunks = obstore.get(self._store, name).stream(min_chunk_size=AT_ONCE)
        with to.open("wb") as file:
            while True:
                with self._requests(name):
                    chunk = next(iter(chunks), None)
                if chunk is None:
                    return
                file.write(chunk)

    def send(self, name: str, content: Path | bytes) -> None:
        """Write an object, in place of an older one."""
        import obstore

        with self._requests(name):
            obstore.put(self._store, name, content, chunk_size=AT_ONCE)

    def place(self, name: str, content: bytes, instead_of: ObjectEntry | None) -> None:
        """Write a small object on the condition that it still stands as `instead_of` says; None: that there is none.

        Raises `ReplacedError` when somebody else has written it meanwhile.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._requests(name):
            try:
                if instead_of:
                    obstore.put(self._store, name, content, mode={"e_tag": instead_of.tag}, use_multipart=False)
                else:
                    obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                raise ReplacedError from error

    def copy(self, name: str, to: str) -> None:
        """Copy an object within the store. Raises `FileNotFoundError`."""
        import obstore

        with self._requests(name):
            obstore.copy(self._store, name, to)

    def entries(self, below: str = "") -> Iterator[ObjectEntry]:
        """All objects, or those in a folder of this one, by name."""
        import obstore

        with self._requests(below):
            for page in obstore.list(self._store, f"{below}/" if below else None):
                for head in page:
                    yield ObjectEntry(head["path"], head["size"], head["last_modified"], head["e_tag"] or "")

    def folders(self, below: str) -> list[str]:
        """The names of the folders in a folder of this one, sorted."""
        import obstore

        with self._requests(below):
            prefixes = obstore.list_with_delimiter(self._store, f"{below}/")["common_prefixes"]
        return sorted(prefix.rstrip("/").rpartition("/")[2] for prefix in prefixes)

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that is gone already does not matter."""
        import obstore

        batch = list(names)
        if batch:
            with self._requests(batch[0]), contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, batch)

    def require_conditions(self) -> None:
        """Raise `WorkspaceError` when the store takes no notice of the condition of a write, as some do."""
        name = f".work/probe-{uuid.uuid4().hex[:12]}"
        self.place(name, b"1", None)
        try:
            self.place(name, b"2", None)
        except ReplacedError:
            return
        finally:
            self.remove([name])
        raise WorkspaceError(
            f"The store of {self.url} overwrites objects although it is told not to (If-None-Match), so two runs at "
            "once could damage a corpus. Use a store that keeps conditional writes, such as S3, MinIO or Ceph, or a "
            "shared folder."
        )

    @property
    def _store(self) -> S3Store:
        return _connect(self.url)

    @contextlib.contextmanager
    def _requests(self, name: str) -> Iterator[None]:
        """Turn what the store answers into a sentence."""
        from obstore import exceptions

        place = f"{self.url}/{name}" if name else self.url
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise WorkspaceError(f"There is no bucket of the name in {self.url}.") from error
            raise FileNotFoundError(f"There is no {place}.") from error
        except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError) as error:
            expired = "ExpiredToken" in str(error) or "TokenRefreshRequired" in str(error)
            why = "the credentials have expired" if expired else "the credentials do not allow it"
            raise WorkspaceError(
                f"The store refuses {place}: {why}. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary "
                "ones, AWS_SESSION_TOKEN anew, then run the command again; what is complete stays."
            ) from error
        except exceptions.BaseError as error:
            if "ExpiredToken" in str(error):
                raise WorkspaceError(
                    f"The store refuses {place}: the credentials have expired. Renew them, then run the command "
                    "again; what is complete stays."
                ) from error
            if "/latest/api/token" in str(error) or "/latest/meta-data" in str(error):
                raise WorkspaceError(
                    f"There are no credentials for {place}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and "
                    "AWS_ENDPOINT_URL for a store other than Amazon's, then run the command again."
                ) from error
            raise WorkspaceError(f"Can't reach {place}: {_reason(error)}. Run the command again later.") from error


class _Ranges(io.RawIOBase):
    """An object as a file that is read from any place."""

    def __init__(self, folder: ObjectFolder, entry: ObjectEntry) -> None:
        self._folder, self._entry, self._at = folder, entry, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._entry.size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        end = min(self._at + len(buffer), self._entry.size)
        if end <= self._at:
            return 0
        content = self._folder.read_range(self._entry.name, self._at, end)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _reason(error: Exception) -> str:
    """The first sentence of what the store's client says."""
    text = str(error).partition("\n")[0].split("Debug source")[0]
    match = re.search(r"error sending request|Connection refused|timed? ?out|dns error|<Message>([^<]+)", text, re.I)
    return (match[1] or match[0]) if match else text[:200].rstrip(" .:")


@lru_cache(maxsize=16)
def _connect(url: str) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise UsageError("s3:// needs the package obstore. Install it with: pip install 'curation[s3]'") from error
    match = URL.fullmatch(url)
    assert match, "ObjectFolder.at has looked"
    # An endpoint without encryption is used where somebody has named one.
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return S3Store(
        match["bucket"],
        prefix=match["prefix"] or None,
        client_options={"timeout": TIMEOUT, "connect_timeout": timedelta(seconds=5), "allow_http": plain},
        retry_config={"max_retries": 30, "retry_timeout": PATIENCE},
    )
