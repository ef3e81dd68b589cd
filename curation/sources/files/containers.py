"""The files in a zip or a tar, each as a file of its own: `outer.zip: inner.csv`.

The names in a container come first. If a platform's archive has such names, only its files of public posts are ever
opened. In any other container, files are read whose names end as those of posts do, and never one whose name speaks of
messages, mail, telephones or contacts.

A zip's members are streams. Those of a tar lie in a row, and a compressed tar would have to be unpacked again for each.
So its small members stay in memory, and several large ones go to a temporary file. A container is
refused as a whole if a name leads out of its folder, or if it was packed to fill memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from curation.errors import InputError
from curation.sources.files.archive_files import CHUNK, Member, open_zip, others_in_zip, refuse_climbing
from curation.sources.files.byte_streams import Chunks, Section
from curation.sources.files.finding import MOST_FILES, may_hold_posts
from curation.sources.files.input_files import Content, InputFile, open_input
from curation.sources.files.kinds_of_file import is_tar, is_zip, kind_of_zip
from curation.sources.files.open_files import OpenFiles
from curation.sources.files.private import is_litter, is_private
from curation.sources.files.tar_members import TarDamageError, TarMember, TarStream
from curation.sources.files.unfollowed import names_in_a_sentence
from curation.sources.files.x_archive_files import is_of_an_archive, kind_of_member
from curation.sources.files.zip_parts import refuse_part
from curation.writing.terminal import count

#: Bytes of a member of a tar that is kept in memory, and of all such members together.
SMALL, SMALL_TOGETHER = 1 << 20, 64 << 20
#: Members of the largest container.
MOST_MEMBERS = 200_000

OUTBOX, ACTOR = "outbox.json", "actor.json"

#: Folders that only the downloads of Meta (Instagram, Threads, Facebook) have.
_META = re.compile(
    r"(?:^|/)(?:your_(?:instagram|facebook|threads)_activity|personal_information|logged_information|ads_information|"
    r"apps_and_websites_off_of_\w+|connections/followers_and_following)/"
)
#: Their files of posts. None has a message, a contact or what somebody looked at.
_META_POSTS = re.compile(
    r"(?:[^/]+/)*(?:(?:your_)?posts(?:_\w+)?|threads_and_replies|(?:post_)?comments(?:_\d+)?|reels(?:_comments)?|"
    r"your_comments_in_groups|group_posts_and_comments|profile_posts_\d+)\.json"
)


@dataclass(frozen=True)
class Selection:
    """Which members of a container are opened."""

    platform: str | None  # x, mastodon or meta, for an archive that one of them sends
    names: frozenset[str]
    private: tuple[str, ...] = ()  # closed, since the name speaks of something private
    others: tuple[str, ...] = ()  # closed, since files of posts have other names


@dataclass
class Container:
    """The chosen members of a container."""

    file: InputFile
    selection: Selection
    members: list[Member]
    damage: str | None = None  # why other members may be missing
    zip: zipfile.ZipFile | None = None
    links: tuple[str, ...] = ()  # to other members

    def inputs(self) -> Iterator[InputFile]:
        """The members as files."""
        for member in self.members:
            yield InputFile(
                Path(f"{self.file.path}: {member.name}"),
                member.size,
                named=False,
                content=Content(_base(member.name), partial(_opened, member)),
                label=f"{self.file.name}: {member.name}",
            )

    @property
    def closed(self) -> int:
        """Files of a zip that stay closed."""
        return others_in_zip(self.zip, self.members) if self.zip else 0


def _opened(member: Member) -> Chunks:
    return Chunks(member.chunks())


def is_container(head: bytes) -> bool:
    """Whether a file that begins with `head`, unpacked, is a zip or a tar."""
    return is_zip(head) or is_tar(head)


def open_container(file: InputFile, head: bytes, files: OpenFiles) -> Container:
    """The members of a zip or a tar to read, as long as `files` are open.

    Raises `InputError` when it can't be opened, is a document, or was made to harm.
    """
    return _tar(file, files) if is_tar(head) else _zip(file, head, files)


def select(names: Iterable[str]) -> Selection:
    """The members of a container to open, by the names of all."""
    clean = [name for name in names if not is_litter(name)]
    of_x = [name for name in clean if kind_of_member(name)]
    if any(kind_of_member(name) != "account" for name in of_x) or any(map(is_of_an_archive, clean)):
        return Selection("x", frozenset(of_x))
    outboxes = [name for name in clean if _base(name) == OUTBOX and name.count("/") <= 1]
    if outboxes:
        return Selection("mastodon", frozenset(n for n in clean if _base(n) in (OUTBOX, ACTOR) and n.count("/") <= 1))
    if any(map(_META.search, clean)):
        return Selection("meta", frozenset(name for name in clean if _META_POSTS.fullmatch(name)))
    fitting = [name for name in clean if may_hold_posts(name) or "." not in _base(name)]
    fitting = fitting or (clean if len(clean) == 1 else [])
    private = tuple(name for name in clean if is_private(name))
    chosen = frozenset(fitting) - frozenset(private)
    return Selection(None, chosen, private, tuple(name for name in clean if name not in chosen and name not in private))


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _zip(file: InputFile, head: bytes, files: OpenFiles) -> Container:
    selection = Selection(None, frozenset())

    def choose(names: list[str]) -> frozenset[str]:
        nonlocal selection
        if kind := kind_of_zip(set(names), head):
            raise InputError(f"{file.path} looks like {kind.sentence(file.path)}.")
        if len(names) > MOST_MEMBERS:
            raise InputError(f"{file.path} holds {count(len(names), 'file')}, more than {MOST_MEMBERS:,}: unpack it.")
        selection = select(names)
        return selection.names

    zipped = files.seekable(file)
    refuse_part(file.path, zipped)
    archive, members = open_zip(file.path, choose, zipped)
    return Container(file, selection, members, zip=archive)


def _tar(file: InputFile, files: OpenFiles) -> Container:
    """The members of a tar. One pass reads the names and keeps small members."""
    members_by_name: dict[str, TarMember] = {}
    small: dict[str, bytes] = {}
    links: list[str] = []
    damage, together = None, 0
    with open_input(file) as source:
        plain = not file.content and source.is_plain
        stream = TarStream(source.stream)
        try:
            for member in stream:
                refuse_climbing(file.path, member.name, is_link=member.is_link)
                if member.is_inner_link:
                    links.append(member.name)
                if not member.is_file:
                    continue
                name = member.name.removeprefix("./")
                members_by_name[name] = member
                if len(members_by_name) > MOST_MEMBERS:
                    raise InputError(f"{file.path} holds more than {MOST_MEMBERS:,} files: unpack it.")
                small.pop(name, None)  # of two with one name the last counts
                if not plain and _is_small(name, member.size) and together + member.size <= SMALL_TOGETHER:
                    together += member.size
                    small[name] = stream.whole()
        except TarDamageError as error:
            damage = source.ended_early or str(error)
    selection = select(members_by_name)
    chosen = {name: member for name, member in sorted(members_by_name.items()) if name in selection.names}
    large = [name for name in chosen if name not in small]
    spool: Section | None = None
    places: dict[int, tuple[int, int]] = {}
    if not plain and len(large) > 1:
        offsets = {chosen[name].offset for name in large}
        spool = files.laid_aside(_gathered(file, offsets, places), f"What is to be read of {file.path}")
    members = []
    for name, member in chosen.items():
        if plain:
            read = partial(_section, file, member)
        elif name in small:
            read = partial(_in_memory, small[name], member.size)
        elif spool:
            read = partial(_laid_aside, spool, *places.get(member.offset, (0, 0)), member.size)
        else:
            read = partial(_streamed, file, member)
        members.append(Member(name, member.size, read))
    return Container(file, selection, members, damage, links=tuple(links))


def _is_small(name: str, size: int) -> bool:
    """Whether to keep a member in memory, before the selection is known."""
    may_be_read = may_hold_posts(name) or kind_of_member(name)
    return size <= SMALL and bool(may_be_read) and not is_private(name) and not is_litter(name)


def _section(file: InputFile, member: TarMember) -> Iterator[bytes]:
    with file.path.open("rb") as disk:
        yield from _whole(Section(disk, member.offset, member.size), member.size)


def _laid_aside(spool: Section, begin: int, there: int, size: int) -> Iterator[bytes]:
    yield from _whole(spool.part(begin, there), size)


def _whole(section: Section, size: int) -> Iterator[bytes]:
    while piece := section.read(CHUNK):
        size -= len(piece)
        yield piece
    if size:
        raise InputError("the tar archive ends within it")


def _gathered(file: InputFile, offsets: set[int], places: dict[int, tuple[int, int]]) -> Iterator[bytes]:
    """The bytes of the members at `offsets`; `places` gets the place of each in them."""
    position = 0
    with open_input(file) as source:
        stream = TarStream(source.stream)
        try:
            for member in stream:
                if member.offset not in offsets:
                    continue
                places[member.offset] = (position, 0)
                while piece := stream.read():
                    begin, size = places[member.offset]
                    places[member.offset] = (begin, size + len(piece))
                    position += len(piece)
                    yield piece
        except TarDamageError:
            return  # the member that is too short says so


def _streamed(file: InputFile, sought: TarMember) -> Iterator[bytes]:
    with open_input(file) as source:
        stream = TarStream(source.stream)
        try:
            for member in stream:
                if member.offset == sought.offset:
                    while piece := stream.read():
                        yield piece
                    return
        except TarDamageError as error:
            raise InputError(source.ended_early or str(error)) from error


def _in_memory(data: bytes, size: int) -> Iterator[bytes]:
    if data:
        yield data
    if len(data) < size:
        raise InputError("the tar archive ends within it")


def passed_over(container: Container) -> Iterator[str]:
    """Sentences about the closed members of a container. Raises `InputError` if too many are to be read."""
    named = names_in_a_sentence
    selection, name = container.selection, container.file.name
    if selection.private:
        yield f"{name}: left closed, since the name speaks of something private: {named(selection.private)}."
    if selection.others:
        yield f"{name}: skipped, since files of posts have other names: {named(selection.others)}."
    if container.links:
        yield f"{name}: not followed, since they are links to other files in it: {named(container.links)}."
    if len(container.members) > MOST_FILES:
        raise InputError(f"{container.file.path} holds more than {MOST_FILES:,} files of posts: unpack it.")
