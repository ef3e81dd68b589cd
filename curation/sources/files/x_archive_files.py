"""Which files of an X archive are read, and where they lie in it.

The list has the files that may be opened, never those that may not: whatever X adds to its archives stays closed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from curation.errors import InputError
from curation.sources.files.archive_files import (
    CHUNK,
    Member,
    file_member,
    folder_members,
    open_zip,
    others_in_zip,
    what_is,
)
from curation.sources.files.input_files import InputFile, no_file, open_input
from curation.sources.files.json_items import Item, JsonItems
from curation.sources.files.kinds_of_file import is_zip
from curation.sources.files.private import is_private

#: The files that are ever opened, by their content, in reading order.
KINDS = {
    "account": r"account\.js",
    "note": r"(?:deleted-)?note-tweets?(?:-part\d+)?\.js",
    "article": r"articles?(?:-part\d+)?\.js",
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
#: Files that show an archive of X, though they are never opened.
_ONLY_IN_ARCHIVES = re.compile(
    r"(?:[^/]+/)*?(?:Your archive\.html|data/(?:manifest|direct-messages?|direct-message-headers|like|follower|"
    r"following|ad-impressions|ad-engagements|personalization|email-address-change|phone-number|ip-audit|tweet-headers)\.js)"
)
#: The beginning of a file of an archive, as X writes it and with the statement cut off.
_STATEMENT = re.compile(rb"window\s*\.\s*YTD\s*\.\s*(\w{1,64})\s*\.\s*part\d{1,9}\s*=")
_MONTH = re.compile(rb"Grailbird\s*\.\s*data\s*\.\s*tweets_\d{4}_\d\d\s*=")
_WRAPPED = re.compile(
    rb"(?:(?:module\.)?exports?(?:\.\w{1,64}| default)?\s{0,8}=?|(?:const|var|let)\s{1,8}\w{1,64}\s{0,8}=)?"
    rb'\s{0,200}\[?\s{0,200}\{\s{0,200}"(tweet|noteTweet)"\s{0,20}:\s{0,20}\{'
)
#: Bytes by which such a file is recognised.
HEAD = 4096
#: Other files of an archive, which are no posts.
_IN_DATA = re.compile(
    r"(?:account[\w-]*|manifest|likes?|followers?|following|blocks?|mutes?|profile|ageinfo|(?:deleted-)?tweets?-headers|"
    r"(?:ad|direct|grok|lists-|moment|ip|screen|personal|verified|user-link|connected|app|device|saved|key|ni|smart)"
    r"[\w-]*)\.js",
)
#: Files that macOS adds to a zip, and hidden files.
_NOT_OF_THE_ARCHIVE = re.compile(r"(?:^|/)(?:__MACOSX/|\.)")

_EXPECTED = (
    "An X archive is the zip that X sends you (twitter-….zip), the folder that comes of unpacking it, or its "
    "tweets.js. Tables, JSON and what other programs downloaded are read by: curation collect file PATH"
)


class NotAnArchiveError(InputError):
    """The target is no X archive; `collect file` may read it."""


@dataclass(frozen=True)
class Listing:
    """The files of one archive to read."""

    members: tuple[tuple[str, Member], ...]  # (a key of KINDS, file), in reading order
    outside: tuple[str, ...] = ()  # links that lead out of the folder, and are not followed
    zip: zipfile.ZipFile | None = None
    closed: int = 0  # files of a zip that stay closed, such as private messages, the e-mail address, the phone number

    @property
    def size(self) -> int:
        """Unpacked bytes to read."""
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
    """The files of the archive at `path`: a zip, a folder that holds one or is one, or a file of one.

    Raises `InputError` if there is no archive or several, or if it was made to harm.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if not path.exists():
            raise NotAnArchiveError(f"There is no file or folder {path}. {_EXPECTED}")
        if not path.is_file():
            raise InputError(no_file(path))
        file = InputFile(path, path.stat().st_size)
        refuse_private(file)
        with path.open("rb") as disk:
            begin = disk.read(HEAD)
        if is_zip(begin):
            return _zip(path)
        if kind := kind_of_text(path.name, begin):
            return single_file(file, kind)
        raise NotAnArchiveError(f"{path} is {what_is(path)}, not an X archive. {_EXPECTED}")
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}.") from error


def kind_of_member(name: str) -> str | None:
    """A key of `KINDS` for the name of a member, with `/`; None when it must stay closed."""
    match = _LISTED.fullmatch(name)
    return match.lastgroup if match and not _NOT_OF_THE_ARCHIVE.search(name) else None


def is_of_an_archive(name: str) -> bool:
    """Whether only archives of X have a member of this name, whatever it holds."""
    return bool(_ONLY_IN_ARCHIVES.fullmatch(name))


def _is_listed(name: str) -> bool:
    return kind_of_member(name) is not None


def _zip(path: Path) -> Listing:
    file, members = open_zip(path, lambda names: filter(_is_listed, names))
    try:
        return Listing(_in_order(path, members), zip=file, closed=others_in_zip(file, members))
    except InputError:
        file.close()
        raise


def _folder(path: Path) -> Listing:
    members, outside = folder_members(path, _is_listed)
    if not members:
        zips = sorted(path.glob("*.zip"))
        if len(zips) == 1:
            return _zip(zips[0])
        if zips:
            names = ", ".join(file.name for file in zips)
            raise InputError(f"{path} holds {len(zips)} zips: {names}. Give one of them, the oldest first.")
        if outside:
            raise InputError(f"{path} holds only links that lead out of it ({', '.join(outside)}): give their target.")
    return listing_of(path, members, outside)


def listing_of(path: Path, members: list[Member], outside: Iterable[str] = (), closed: int = 0) -> Listing:
    """The listing of an archive with these listed members. Raises `InputError` if they are of several archives."""
    return Listing(_in_order(path, members), outside=tuple(outside), closed=closed)


def archive_in_folder(path: Path) -> Listing | None:
    """The archive that a folder is or holds in one folder; None for a folder of other files.

    Raises `InputError` if there are several archives.
    """
    if not path.is_dir():
        return None
    members, outside = folder_members(path, _is_listed)
    kinds = {kind_of_member(member.name) for member in members}
    nested = any("/" in member.name for member in members)
    is_archive = kinds - {"account"} and (nested or kinds & {"account", "month"})
    return listing_of(path, members, outside) if is_archive else None


def kind_of_text(name: str, head: bytes) -> str | None:
    """A key of `KINDS` for a single file of an archive, by its beginning or its name; None for another file.

    People take such files out of their archives, and cut off the statement at the beginning.
    """
    begin = head[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if match := _STATEMENT.match(begin):
        kind = kind_of_member(match[1].decode("ascii").replace("_", "-") + ".js")
        return None if kind == "account" else kind
    if _MONTH.match(begin):
        return "month"
    kind = kind_of_member(PurePosixPath(name).stem + ".js")
    if kind == "account":
        return None
    if kind and name.endswith(".js"):
        return kind
    if (match := _WRAPPED.match(begin)) and (b'"full_text"' in head or b'"id_str"' in head or b'"noteTweetId"' in head):
        return "note" if match[1] == b"noteTweet" else kind or "tweet"
    return None


def refuse_private(file: InputFile) -> None:
    """Raise `InputError` for a file of an archive that holds no posts, before it is opened."""
    name = file.base_name
    if not name.endswith(".js") or kind_of_member(name) not in (None, "account"):
        return
    if _IN_DATA.fullmatch(name) or is_private(name):
        raise InputError(f"{file.path} is not one of an X archive's files of posts, so it was not opened. {_EXPECTED}")


def single_file(file: InputFile, kind: str) -> Listing:
    """The listing of a single file of an archive; an account.js beside it says whose it is."""
    members = [(kind, Member(file.name, file.size, partial(_text_of, file)))]
    if not file.content:
        account = file.path.with_name("account.js")
        if account.is_file() and account.resolve().parent == file.path.resolve().parent:
            members.append(("account", file_member(account, account.name)))
    return Listing(tuple(members))


def _text_of(file: InputFile) -> Iterator[bytes]:
    with open_input(file) as source:
        while piece := source.stream.read(CHUNK):
            yield piece
        if source.ended_early:
            raise InputError(source.ended_early)


def _in_order(path: Path, members: list[Member]) -> tuple[tuple[str, Member], ...]:
    """The members with their kinds, in reading order: `part10` after `part9`."""
    homes = {
        match["home"] for m in members if kind_of_member(m.name) != "account" and (match := _LISTED.fullmatch(m.name))
    }
    if not homes:
        raise NotAnArchiveError(f"{path} holds no posts of an X archive. {_EXPECTED}")
    if len(homes) > 1:
        names = ", ".join(sorted(home.rstrip("/") or "the folder itself" for home in homes))
        raise InputError(f"{path} holds {len(homes)} archives: {names}. Collect one after the other, the oldest first.")
    order = list(KINDS)

    def key(entry: tuple[str, Member]) -> tuple[int, list[int]]:
        return order.index(entry[0]), [int(part) if part.isdigit() else 0 for part in re.split(r"(\d+)", entry[1].name)]

    kinds = [(kind, member) for member in members if (kind := kind_of_member(member.name))]
    return tuple(sorted(kinds, key=key))


def owner_of(account: Member) -> dict[str, str]:
    """Handle, display name and id out of `account.js`; nothing else of it is kept."""
    first = next((item.value for item in JsonItems(account.chunks()) if isinstance(item, Item)), None)
    record = first.get("account", first) if isinstance(first, dict) else None
    if not isinstance(record, dict):
        return {}
    columns = {"author": "username", "author_name": "accountDisplayName", "author_id": "accountId"}
    owner = {c: value for c, key in columns.items() if isinstance(value := record.get(key), str) and value}
    if "author" in owner:
        owner["author"] = owner["author"].removeprefix("@")
    return owner
