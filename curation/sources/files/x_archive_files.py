"""Which files of an X archive are read, and where they lie in it.

The list is one of what may be opened, never of what may not: whatever X adds to its archives stays closed.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from curation.errors import InputError
from curation.sources.files.archive_files import Member, file_member, folder_members, open_zip, what_is

#: The files that are ever opened, by what is in them, in the order in which they are read.
KINDS = {
    "account": r"account\.js",
    "note": r"note-tweets?(?:-part\d+)?\.js",
    "deleted": r"deleted-tweets?(?:-part\d+)?\.js",
    "month": r"\d{4}_\d{2}\.js",
    "tweet": r"tweets?(?:-part\d+)?\.js",
    "community": r"community-tweets?(?:-part\d+)?\.js",
}
#: Where in the archive they lie.
_PLACES = {"month": r"(?:(?:(?:data/)?js/)?tweets/)?"}
_LISTED = re.compile(
    r"(?P<home>(?:[^/]+/)*?)(?:"
    + "|".join(f"{_PLACES.get(kind, '(?:data/)?')}(?P<{kind}>{name})" for kind, name in KINDS.items())
    + ")"
)
#: What macOS adds to a zip, and hidden files.
_NOT_OF_THE_ARCHIVE = re.compile(r"(?:^|/)(?:__MACOSX/|\.)")

_EXPECTED = (
    "An X archive is the zip that X sends you (twitter-….zip), the folder that comes of unpacking it, or its "
    "tweets.js. Tables, JSON and what other programs downloaded are read by: curation collect file PATH"
)


@dataclass(frozen=True)
class Listing:
    """The files of one archive that will be read."""

    members: tuple[tuple[str, Member], ...]  # (a key of KINDS, file), in reading order
    outside: tuple[str, ...] = ()  # links that lead out of the folder, and are not followed
    zip: zipfile.ZipFile | None = None

    @property
    def size(self) -> int:
        """Bytes that will be read, unpacked."""
        return sum(member.size for _, member in self.members)

    @property
    def account(self) -> Member | None:
        """The file that says whose archive it is."""
        return next((member for kind, member in self.members if kind == "account"), None)

    def close(self) -> None:
        """Close the zip."""
        if self.zip:
            self.zip.close()


def open_archive(path: Path) -> Listing:
    """Find the files of the archive at `path`: a zip, a folder that holds one or is one, or a file of one.

    Raises `InputError` when there is no archive there, when it was made to harm, or when there are several.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if not path.exists():
            raise InputError(f"There is no file or folder {path}. {_EXPECTED}")
        if path.suffix == ".js":
            return _single(path)
        with path.open("rb") as file:
            begin = file.read(2)
        if begin == b"PK":
            return _zip(path)
        raise InputError(f"{path} is {what_is(path)}, not an X archive. {_EXPECTED}")
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}.") from error


def kind_of(name: str) -> str | None:
    """A key of `KINDS` for the name of a member, with `/`; None when it must stay closed."""
    match = _LISTED.fullmatch(name)
    return match.lastgroup if match and not _NOT_OF_THE_ARCHIVE.search(name) else None


def _zip(path: Path) -> Listing:
    file, members = open_zip(path, lambda name: kind_of(name) is not None)
    try:
        return Listing(_in_order(path, members), zip=file)
    except InputError:
        file.close()
        raise


def _folder(path: Path) -> Listing:
    members, outside = folder_members(path, lambda name: kind_of(name) is not None)
    if not members:
        zips = sorted(path.glob("*.zip"))
        if len(zips) == 1:
            return _zip(zips[0])
        if zips:
            names = ", ".join(file.name for file in zips)
            raise InputError(f"{path} holds {len(zips)} zips: {names}. Give one of them, the oldest first.")
        if outside:
            raise InputError(f"{path} holds only links that lead out of it ({', '.join(outside)}): give their target.")
    return Listing(_in_order(path, members), outside=tuple(outside))


def _single(path: Path) -> Listing:
    if kind_of(path.name) in (None, "account"):
        raise InputError(f"{path} is not one of an X archive's files of posts, so it was not opened. {_EXPECTED}")
    if not path.is_file():
        raise InputError(f"{path} is not a file.")
    members = [file_member(path, path.name)]
    account = path.with_name("account.js")
    if account.is_file() and account.resolve().parent == path.resolve().parent:
        members.append(file_member(account, account.name))
    return Listing(_in_order(path, members))


def _in_order(path: Path, members: list[Member]) -> tuple[tuple[str, Member], ...]:
    """The members with their kinds, in reading order: `part10` after `part9`."""
    homes = {_LISTED.fullmatch(m.name)["home"] for m in members if kind_of(m.name) != "account"}
    if not homes:
        raise InputError(f"{path} holds no posts of an X archive. {_EXPECTED}")
    if len(homes) > 1:
        names = ", ".join(sorted(home.rstrip("/") or "the folder itself" for home in homes))
        raise InputError(f"{path} holds {len(homes)} archives: {names}. Collect one after the other, the oldest first.")
    order = list(KINDS)

    def key(entry: tuple[str, Member]) -> tuple:
        return order.index(entry[0]), [int(part) if part.isdigit() else 0 for part in re.split(r"(\d+)", entry[1].name)]

    kinds = [(kind_of(member.name), member) for member in members]
    return tuple(sorted(kinds, key=key))
