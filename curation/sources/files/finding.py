"""The files that the targets of a command mean: files, folders, patterns such as `exports/*.jsonl`, standard input.

In a folder, the files directly in it count, and those in `data` if the folder is a dataset. A folder without any is
searched further down, within bounds. `Findings.notices` says what was skipped.
"""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from curation.disk.path_names import impossible_name
from curation.errors import InputError, UsageError
from curation.sources.files.byte_streams import Section
from curation.sources.files.input_files import (
    COMPRESSIONS,
    Content,
    InputFile,
    bare_ending,
    compression_of,
    laid_aside,
    no_file,
)
from curation.sources.files.private import is_litter, is_private
from curation.sources.files.unfollowed import (
    GET_IT,
    Unfollowed,
    is_workspace,
    names_in_a_sentence,
    why_no_workspace,
    workspaces_around,
)
from curation.sources.files.zip_parts import FIRST_PART
from curation.writing.characters import shown
from curation.writing.terminal import count, shortened

#: Endings of files of posts, each also with one of `COMPRESSIONS` after it.
ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather", ".car")
#: Endings of containers of such files.
CONTAINERS = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst")
#: Files of posts in the largest folder or container.
MOST_FILES = 10_000
#: Levels of folders that are searched.
DEEPEST = 4

#: Standard input as a target, and in messages.
STANDARD_INPUT, _ITS_NAME = "-", "standard input"

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]{1,15}):/{1,2}(?=[^/])", re.IGNORECASE)
_PATTERN = re.compile(r"[*?\[]")
_TABLES = (".parquet", ".arrow", ".feather")
#: Slack's file beside the folders of channels.
_CHANNELS = "channels.json"


@dataclass(frozen=True)
class Findings:
    """The files that targets mean, and notices about skipped ones."""

    files: list[InputFile]
    notices: list[str]
    spools: list[BinaryIO] = field(default_factory=list)  # for the caller to close


def check_target(target: str, source: str) -> str:
    """The target, unless it is an address: then it raises `UsageError` with the line to type."""
    if not target.strip():
        raise UsageError(f"The path for '{source}' to read is empty. The current folder is: .")
    if not (match := _ADDRESS.match(target)) or os.path.lexists(target):
        if why := impossible_name(target):
            raise UsageError(f"'{shortened(shown(target), 200)}' is no name of a file: {why}.")
        return target
    address = f"{match[1]}://{target[match.end() :]}"
    raise UsageError(
        f"{address} is an address, and '{source}' reads what is on this machine. {_way_there(address, source)}"
    )


def _way_there(address: str, source: str) -> str:
    try:
        parts = urlsplit(address)
        host, path = (parts.hostname or "").removeprefix("www."), [p for p in parts.path.split("/") if p]
    except ValueError:
        host, path = "", []
    first = path[0] if path else ""
    if host in ("x.com", "twitter.com", "mobile.twitter.com") and first:
        return f"Posts of an account: curation collect x-api {first}"
    if host == "bsky.app" and first == "profile" and len(path) > 1:
        return f"Posts of an account: curation collect bluesky {path[1]}"
    if len(path) == 1 and re.fullmatch(r"@\w+", first):
        return f"Posts of an account: curation collect mastodon {first[1:]}@{host}"
    if host == "huggingface.co" and first == "datasets" and len(path) > 2:
        name = path[2]
        return (
            f"Download it first: hf download {path[1]}/{name} --repo-type dataset --local-dir {name}, then: "
            f"curation collect {source} {name}"
        )
    if not address.lower().startswith(("http:", "https:", "ftp:")):
        return f"Download it first with the program of its service, then: curation collect {source} PATH"
    name = re.sub(r"[^\w.-]+", "-", unquote(path[-1])) if path else ""
    name = name if "." in name else "downloaded"
    return f"Download it first: curl -L -o {name} '{address}', then: curation collect {source} {name}"


def search_files(paths: Sequence[Path]) -> Findings:
    """The files that `paths` mean, and notices about skipped ones; a file that is named twice is read once.

    Raises `InputError` for a path that isn't there or can't be read.
    """
    findings: dict[Path, InputFile] = {}
    notices: list[str] = []
    spools: list[BinaryIO] = []
    for path in paths:
        if str(path) == STANDARD_INPUT:
            if path not in findings:
                findings[path], spool = _standard_input()
                spools.append(spool)
            continue
        for file, named in _meant(path, notices):
            mode = _mode(file)
            if stat.S_ISREG(mode):
                members: list[tuple[Path, str | None]] = [(file, None)]
            elif stat.S_ISDIR(mode) and is_workspace(file):
                notices.append(why_no_workspace(file))
                continue
            elif stat.S_ISDIR(mode):
                members, named = _members(file, notices), False
            else:
                raise InputError(no_file(file))
            for member, label in members:
                if not os.access(member, os.R_OK):
                    raise InputError(f"Can't read {member}: permission denied.")
                findings.setdefault(member.resolve(), InputFile(member, member.stat().st_size, named, label=label))
    if not findings and notices:
        raise InputError(" ".join(notices))
    return Findings(list(findings.values()), notices, spools)


def _standard_input() -> tuple[InputFile, BinaryIO]:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or sys.stdin.isatty():
        raise UsageError(
            "'-' stands for standard input, and nothing is piped into it: "
            "curation collect file - --author NAME < posts.jsonl"
        )
    spool = laid_aside(iter(lambda: stream.read(1 << 18), b""), "Standard input")
    size = os.fstat(spool.fileno()).st_size
    return InputFile(Path(_ITS_NAME), size, content=Content(_ITS_NAME, partial(Section, spool, 0, size))), spool


def _meant(path: Path, notices: list[str]) -> list[tuple[Path, bool]]:
    """The paths that a path means, and whether each is named itself: a pattern that the shell left means many.

    Those in workspaces below the folder where the search begins are left out, with a notice.
    """
    if not _PATTERN.search(str(path)) or os.path.lexists(path):
        return [(path, True)]
    matches = sorted(Path(match) for match in glob.iglob(str(path), recursive=True))  # noqa: PTH207 - has a root
    workspaces = workspaces_around(matches, Path(*takewhile(lambda part: not _PATTERN.search(part), path.parts)))
    notices += map(why_no_workspace, workspaces)
    matches = [match for match in matches if not any(map(match.is_relative_to, workspaces))]
    files = [match for match in matches if not match.is_dir()] or matches
    if not files and not workspaces:
        raise InputError(f"Nothing matches {path}. `*` stands for any name, `**` for folders at any depth.")
    if len(files) > MOST_FILES:
        raise InputError(
            f"{count(len(files), 'file matches', 'files match')} {path}, more than {MOST_FILES:,}: collect "
            "them in parts."
        )
    return [(match, False) for match in files]


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        if path.is_symlink():
            raise InputError(f"{path} is a link to {path.readlink()}, which isn't there. {GET_IT}") from error
        near = path.parent
        why = f"There is no {path}." if near.is_dir() else f"There is no {path}: {near} doesn't exist."
        raise InputError(f"{why} Give the path of a file of posts, or of a folder with such files.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"Can't read {path}: {getattr(error, 'strerror', None) or error}.") from error


def _members(folder: Path, notices: list[str]) -> list[tuple[Path, str | None]]:
    """The files of posts in a folder, sorted; those further down have a label with their place."""
    inside = [entry for entry in _entries(folder, must=True) if not is_litter(entry.name)]
    here = [entry for entry in inside if _holds_posts(entry)]
    below = list(_further_down(folder, inside, passed := Unfollowed(folder, may_hold_posts)))
    if below and _CHANNELS in {entry.name for entry in here}:  # Slack's: a folder for each channel, lists beside them
        here = []
    if below and here and not _is_dataset(inside, below):
        several = f"{len(below):,} files of posts" if len(below) > 1 else "a file of posts"
        notices.append(
            f"Folders in {folder} hold {several} that {'were' if len(below) > 1 else 'was'} not read "
            f"({names_in_a_sentence([name for _, name in below])}). To read a folder as well, name it too."
        )
        below = []
    files: list[tuple[Path, str | None]] = [*((entry, None) for entry in here), *below]
    private = [name for path, label in files if is_private(name := label or path.name)]
    if private:
        notices.append(
            f"Left unread in {folder}, since the name speaks of something private: {names_in_a_sentence(private)}. "
            "A file that holds posts is read when you name it."
        )
        files = [(path, label) for path, label in files if not is_private(label or path.name)]
    if not files:
        raise InputError(" ".join(passed.sentences()) or _nothing_in(folder, inside))
    notices += passed.sentences()
    if len(files) > MOST_FILES:
        raise InputError(f"{folder} holds more than {MOST_FILES:,} files of posts: collect them in parts.")
    others = [entry.name for entry in inside if entry.is_file() and not _holds_posts(entry)]
    if others:
        notices.append(
            f"Skipped in {folder}, since files of posts have other names: {names_in_a_sentence(others)}. "
            "To have one read, name it."
        )
    return files


def _further_down(folder: Path, inside: Sequence[Path], passed: Unfollowed) -> Iterator[tuple[Path, str]]:
    """The files of posts below a folder, with their places; `passed` notes what is not read."""
    home = folder.resolve()
    folders = passed.followed(inside)
    waiting = [(entry, 1) for entry in reversed(folders) if entry.is_dir() and not entry.is_symlink()]
    number = 0
    while waiting and number <= MOST_FILES:
        below, depth = waiting.pop()
        entries = passed.followed(_entries(below))
        for entry in reversed(entries):
            if is_litter(entry.name) or entry.is_symlink():
                continue
            if entry.is_dir() and depth < DEEPEST:
                waiting.append((entry, depth + 1))
        for entry in entries:
            if is_litter(entry.name) or not _holds_posts(entry):
                continue
            if not entry.resolve().is_relative_to(home):
                passed.leads_out(entry)
            else:
                number += 1
                yield entry, entry.relative_to(folder).as_posix()


def _is_dataset(inside: Sequence[Path], below: Sequence[tuple[Path, str]]) -> bool:
    """Whether a folder is a dataset of the Hub, with tables in `data` and a card."""
    named = {entry.name.lower() for entry in inside}
    tables = [name for _, name in below if bare_ending(name) in _TABLES]
    return bool(tables) and len(tables) == len(below) and bool(named & {"readme.md", "dataset_infos.json"})


def _holds_posts(entry: Path) -> bool:
    return may_hold_posts(entry.name) and entry.is_file()


def may_hold_posts(name: str) -> bool:
    """Whether a name ends as that of a file of posts does, or of a container of such files."""
    ending = bare_ending(name)
    named = ending in ENDINGS or ending in CONTAINERS or (ending == "" and bool(compression_of(name)))
    return named or FIRST_PART.search(name) is not None


def _entries(folder: Path, must: bool = False) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        if must:
            raise InputError(f"Can't read the folder {folder}: {error.strerror}.") from error
        return []


def _nothing_in(folder: Path, inside: Sequence[Path]) -> str:
    archive = any(p.name == "data" and p.is_dir() for p in inside)
    hint = f" If it is an unpacked X archive: curation collect x-archive {folder}" if archive else ""
    return (
        f"There is no file of posts in {folder}; looked for {', '.join(ENDINGS)} "
        f"(also with {', '.join(COMPRESSIONS)} behind it) and for {', '.join(CONTAINERS)}.{hint}"
    )
