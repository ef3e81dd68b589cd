"""The parts to read for the targets of a command: each file, each file in a container, each archive.

All are recognised before the first post is read. A named file that can't be read ends the command; one in a folder or a
container is left out with a notice. One that is cut off or damaged makes the landing partial: its posts are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from curation.errors import CurationError, DamagedInputError, InputError, UnreachedInputError
from curation.sources.files.containers import Container, is_container, open_container, passed_over
from curation.sources.files.finding import Findings, search_files
from curation.sources.files.input_files import InputFile, head_of
from curation.sources.files.open_files import OpenFiles
from curation.sources.files.recognition import Recognised
from curation.sources.files.x_archive_files import (
    Listing,
    archive_in_folder,
    kind_of_text,
    listing_of,
    refuse_private,
    single_file,
)
from curation.sources.files.zip_parts import ends_as_zip

#: How deep containers are opened: a zip in a zip.
DEEPEST = 2
#: Files in all containers together. Each takes some hundred bytes of memory, also unread.
MOST_NAMES = 1_000_000


@dataclass(frozen=True)
class FilePart:
    """A recognised file, and its share of the input's bytes."""

    recognised: Recognised
    share: float  # bytes of the named files

    @property
    def name(self) -> str:
        """As messages have it."""
        return self.recognised.file.name

    def advanced(self, position: int) -> int:
        """Bytes of the named files, when `position` of this one's are read."""
        size = self.recognised.file.size
        return int(position * self.share / size) if size else 0


@dataclass(frozen=True)
class ArchivePart:
    """An archive of X."""

    path: Path
    name: str  # as messages have it
    listing: Listing
    share: float
    prefix: str = ""  # before the names of its files

    def advanced(self, position: int) -> int:
        """Bytes of the named files, when `position` of the archive's are read."""
        return int(position * self.share / self.listing.size) if self.listing.size else 0


@dataclass
class Unfolding:
    """Goes from targets to parts. Close it when the parts have been read."""

    paths: Sequence[Path]
    recognise: Callable[[InputFile, Container | None], Recognised | None]
    archives: bool = True  # whether archives of X may be among them
    outbox_only: bool = False  # whether a container has to be an archive of Mastodon's
    notices: list[str] = field(default_factory=list)
    refused: list[CurationError] = field(default_factory=list)
    refused_names: set[str] = field(default_factory=set)
    empty: list[InputFile] = field(default_factory=list)
    #: Why parts of a container, or a whole file that nobody named, could not be reached.
    damaged: list[str] = field(default_factory=list)
    _findings: Findings | None = None
    _folders: dict[Path, Listing] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _open: OpenFiles = field(default_factory=OpenFiles)
    _names: int = 0  # of files in containers

    @property
    def size(self) -> int:
        """Bytes on the disk of what will be read. Raises `InputError`."""
        files = self._search().files
        return sum(file.size for file in files) + sum(listing.size for listing in self._folders.values())

    def parts(self) -> list[FilePart | ArchivePart]:
        """The parts to read, in the order of the targets.

        Raises `InputError` or `UsageError` for a named file that can't be read.
        """
        findings = self._search()
        parts: list[FilePart | ArchivePart] = []
        for path, listing in self._folders.items():
            self.notices += [f"{name} leads out of the folder, so it was not read." for name in listing.outside]
            parts.append(ArchivePart(path, path.name, listing, listing.size))
        for file in findings.files:
            parts += self._of(file, 0, float(file.size))
        self.notices = [*findings.notices, *self.notices]
        return parts

    def close(self) -> None:
        """Close all containers and temporary files."""
        self._open.close()
        self._stack.close()

    def _search(self) -> Findings:
        if self._findings is None:
            others = []
            for path in self.paths:
                listing = archive_in_folder(path) if self.archives else None
                if listing:
                    self._folders[path] = listing
                else:
                    others.append(path)
            self._findings = search_files(others) if others else Findings([], [])
            for spool in self._findings.spools:
                self._stack.callback(spool.close)
        return self._findings

    def _of(self, file: InputFile, depth: int, share: float) -> Iterator[FilePart | ArchivePart]:
        """The parts in a file. An error about a named file is raised; any other is kept, as `damaged` or `refused`."""
        try:
            yield from self._parts_of(file, depth, share)
        except CurationError as error:
            if file.named:
                raise
            if isinstance(error, UnreachedInputError):
                self.damaged.append(str(error).rstrip("."))
            else:
                self.refused.append(error)
            self.refused_names |= {file.name, str(file.path)}

    def _parts_of(self, file: InputFile, depth: int, share: float) -> list[FilePart | ArchivePart]:
        refuse_private(file)
        container = None
        head, _ = head_of(file)
        if depth < DEEPEST and (is_container(head) or ends_as_zip(file)):
            container = self._opened(file, head)
            if container.selection.platform != "mastodon" and not self.outbox_only:
                return self._unfolded(container, depth, share)
        elif self.archives and (kind := kind_of_text(file.base_name, head)):
            return [ArchivePart(file.path, file.name, single_file(file, kind), share)]
        recognised = self.recognise(file, container)
        if recognised is None:
            self.empty.append(file)
            return []
        return [FilePart(recognised, share)]

    def _opened(self, file: InputFile, head: bytes) -> Container:
        container = open_container(file, head, self._open)
        selection = container.selection
        self._names += len(container.members) + max(container.closed, len(selection.private) + len(selection.others))
        if self._names > MOST_NAMES:
            raise UnreachedInputError(
                f"{file.path} was not read: with it, the archives hold more than {MOST_NAMES:,} files. Unpack it."
            )
        return container

    def _unfolded(self, container: Container, depth: int, share: float) -> list[FilePart | ArchivePart]:
        file = container.file
        self.notices += passed_over(container)
        if container.damage and container.selection.platform is None:
            self.damaged.append(f"{file.name}: {container.damage}")
        if container.selection.platform == "x":
            if not self.archives:
                raise InputError(f"{file.path} is an archive of X: leave --format and --map out, its form is known.")
            listing = listing_of(file.path, container.members, closed=container.closed)
            return [ArchivePart(file.path, file.name, listing, share, f"{file.name}: ")]
        if not container.members:
            if container.damage:
                raise DamagedInputError(f"{file.path} holds no file of posts that can be read: {container.damage}.")
            raise InputError(f"{file.path} holds no file of posts: none of its files is one of posts, by their names.")
        together = sum(member.size for member in container.members) or 1
        before = len(self.refused)
        parts: list[FilePart | ArchivePart] = []
        for inner in container.inputs():
            parts += self._of(inner, depth + 1, share * inner.size / together)
        if not parts and container.damage:
            raise DamagedInputError(f"Nothing could be read in {file.path}: {container.damage}.")
        if not parts and len(self.refused) > before and file.named:
            raise self.refused[before]
        return parts
