"""Files of posts that are neither JSON nor tables: archives of Mastodon, repositories of Bluesky, WhatsApp's chats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from curation.sources.files.bluesky_repo import is_repository, repository
from curation.sources.files.input_files import open_input
from curation.sources.files.mastodon_archive import find_outbox
from curation.sources.files.text_encoding import TextLines
from curation.sources.files.whatsapp_chat import ChatRecords, is_chat, order_in

if TYPE_CHECKING:
    from curation.sources.base import Rejected
    from curation.sources.files.containers import Container
    from curation.sources.files.file_options import FileOptions
    from curation.sources.files.input_files import InputFile, Opened
    from curation.sources.records.unsettled import DateOrder


class Records(Protocol):
    """The objects of a file with their numbers, as `json_records.JsonRecords` gives them; iterate once."""

    lines: TextLines
    ended_early: str | None
    repaired: int

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]: ...


@dataclass(frozen=True)
class Packed:
    """How to read such a file."""

    format: str  # a name of `curation.sources.dialects.FORMATS`
    doc: str
    records: Callable[[Opened], Records]
    context: Any = None  # what the dialect's reader takes beside a record
    order: DateOrder | None = None  # what stands first in its dates


def packed_file(
    file: InputFile, head: bytes, options: FileOptions, container: Container | None = None
) -> Packed | None:
    """What a file is if it is of this kind; None for any other. Raises `InputError`.

    `head` is its beginning, `container` the file's members if it is a zip or a tar.
    """
    form = options.format
    if form == "bluesky-car" or (form == "auto" and is_repository(head)):
        records = repository(file)
        return Packed("bluesky-car", "a repository exported from Bluesky", records, options.author)
    if form == "whatsapp" or (form == "auto" and is_chat(head)):
        with open_input(file) as source:
            order = order_in(TextLines(source.stream, head))
        return Packed("whatsapp", "a chat that WhatsApp exported", lambda again: ChatRecords(again, head), order=order)
    if form in ("auto", "mastodon-archive"):
        outbox = find_outbox(file, head, container, must=form == "mastodon-archive")
        if outbox:
            doc = "the outbox of a Mastodon archive" + ("" if outbox.actor else ", without its actor.json")
            return Packed("mastodon-archive", doc, outbox.records, outbox.actor)
    return None
