"""The whole text of long tweets, which an X archive keeps in another file, and the tweets they belong to.

`tweets.js` has a long tweet cut, and `note-tweet.js` has all of it under an id that occurs nowhere else. Time and text
join them: both were made in the same second, give or take one, and the whole text begins with the cut one, without
entities and without its closing `…` and link. The comparison skips links, since each side may write them in its own
way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from curation.sources.files.json_items import compact_json
from curation.sources.records.any_json import as_record
from curation.sources.records.moments import parse_time
from curation.sources.records.tweets import PLATFORM

#: Characters of JSON that are kept in memory to be joined; further notes land as posts of their own.
LARGEST_INDEX = 128 << 20
#: Characters, blanks collapsed and links left out, that have to agree.
LEAST_COMMON = 20

_LINK = re.compile(r"https?:\S*")
_CLOSING = re.compile(r"…\s*$")
_MENTIONS = re.compile(r"(?:@\w+\s+)+")
_ENTITY = re.compile("&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}


@dataclass(frozen=True)
class Note:
    """A long tweet's text."""

    id: str | None
    created_at: datetime | None
    text: str
    raw: str  # the inner record as JSON
    source_file: str
    source_line: int
    is_deleted: bool = False

    def post(self, author: dict[str, str | None]) -> dict[str, Any]:
        """The note as a post of its own, if no tweet belongs to it."""
        return {
            "platform": PLATFORM,
            **author,
            "id": self.id,
            "created_at": self.created_at,
            "text": self.text,
            "text_format": "plain",
            "is_repost": False,
            "is_deleted": self.is_deleted or None,
            "source_file": self.source_file,
            "source_line": self.source_line,
            "raw": f'{{"noteTweet":{self.raw}}}',
        }


def note_from_item(item: object, source_file: str, source_line: int) -> Note | None:
    """The note in an element of `note-tweet.js`; None for one without a text."""
    note = as_record(as_record(item).get("noteTweet", item))
    text = as_record(note.get("core")).get("text")
    if not isinstance(text, str):
        return None
    note_id = note.get("noteTweetId")
    return Note(
        id=str(note_id) if isinstance(note_id, str | int) and note_id else None,
        created_at=parse_time(note.get("createdAt")),
        text=text,
        raw=compact_json(note),
        source_file=source_file,
        source_line=source_line,
        is_deleted=PurePosixPath(source_file).name.startswith("deleted"),
    )


class NoteIndex:
    """Notes by the second they were written in, and which of them found their tweet."""

    def __init__(self) -> None:
        self._by_second: dict[int, list[Note]] = defaultdict(list)
        self._joined: set[int] = set()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._by_second)

    def add(self, note: Note) -> bool:
        """Take a note in; False when there is no more room."""
        if self._size + len(note.raw) > LARGEST_INDEX:
            return False
        self._size += len(note.raw)
        self._by_second[int(note.created_at.timestamp()) if note.created_at else -1].append(note)
        return True

    def find(self, created_at: datetime | None, escaped_text: str) -> Note | None:
        """The note of a tweet with this time and text, if there is one."""
        if created_at is None or not self._by_second:
            return None
        second = int(created_at.timestamp())
        for moment in (second, second - 1, second + 1):
            for note in self._by_second.get(moment, ()):
                if _begins_with(note.text, escaped_text):
                    self._joined.add(id(note))  # and stays, for a tweet that an archive holds twice
                    return note
        return None

    def left_over(self) -> Iterator[Note]:
        """Notes that found no tweet."""
        for notes in self._by_second.values():
            yield from (note for note in notes if id(note) not in self._joined)


def _begins_with(whole: str, escaped: str) -> bool:
    """Whether the text of a note begins with the cut text of a tweet.

    >>> _begins_with("Bread & butter, every single morning since 2009.", "Bread &amp; butter, every single… https://t.co/x")
    True
    """
    text = _ENTITY.sub(lambda match: _CHARACTERS[match[1]], escaped)
    whole = _one_line(whole)
    # An answer's text begins with the mentions of those it answers; the note may not.
    return any(_in_order(whole, start) for start in (text, _MENTIONS.sub("", text, count=1)))


def _in_order(whole: str, text: str) -> bool:
    pieces = [_one_line(piece) for piece in _LINK.split(text)]
    pieces = [piece for piece in pieces if piece and piece != "…"]
    if sum(map(len, pieces)) < LEAST_COMMON:
        return False
    pieces[-1] = _CLOSING.sub("", pieces[-1]).rstrip()
    position = 0
    for number, piece in enumerate(pieces):
        place = whole.find(piece, position)
        if place < 0 or (number == 0 and place and not _LINK.match(text)):
            return False
        position = place + len(piece)
    return True


def _one_line(text: str) -> str:
    return " ".join(text.split())
