"""What every reader of a file gives: its posts with their places, and notices about the file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curation.sources.base import Rejected
from curation.sources.files.encoding_names import label_of
from curation.sources.files.input_files import Opened
from curation.sources.files.recognition import Recognised
from curation.sources.files.text_encoding import LINE_LIMIT, TextLines
from curation.sources.records.not_a_post import LeftOutRecord

#: Reasons for leaving something out that a notice names, the most frequent ones.
REASONS = 10


@dataclass(slots=True)
class PostInFile:
    """A post in a file."""

    number: int  # of its line, or of the item of a list, from 1
    row: dict[str, Any]
    raw: str  # the record as compact JSON


class Reader(ABC):
    """The posts of one file; iterate once, then ask for `ended_early` and `notices`."""

    def __init__(self, recognised: Recognised, opened: Opened, lines: TextLines) -> None:
        """`lines` are those of the file, with what they notice about their bytes."""
        self.name = recognised.file.name
        self.lines = lines
        self._recognised = recognised
        self._opened = opened
        self._reported = 0  # of the overlong lines
        self._read_as_html = 0  # texts
        self._mended = 0
        self._broken_list: str | None = None
        self.left_out: Counter[str] = Counter()  # records in the place of posts, by reason

    @property
    def ended_early(self) -> str | None:
        """Why the rest of the file could not be reached."""
        return self._opened.ended_early or self._broken_list

    @abstractmethod
    def __iter__(self) -> Iterator[PostInFile | Rejected]:
        """Read the file."""

    def note_times(self) -> None:
        """Give every time to its `TimeColumn`, which only notes them now."""
        for _ in self:
            pass

    @property
    def other_encoding(self) -> str:
        """The end of a sentence on bytes that were read as Windows-1252."""
        rival = self._recognised.file.rival
        if rival is None:
            return " If that is wrong: --encoding NAME."
        name = label_of(rival.name)
        return (
            f" So few bytes prove nothing: they fit {name} ({rival.language}) better. If it is that: --encoding {name}."
        )

    def notices(self) -> Iterator[str]:
        """Sentences about the file, once it has been read."""
        if recoding := self._opened.recoding:
            yield from recoding.notices(self.name)
        lines = self.lines
        if lines.not_utf8:
            several = f"{lines.not_utf8:,} lines" if lines.not_utf8 > 1 else "One line"
            yield (
                f"{self.name}: {several} held bytes that are not UTF-8; they were read as Windows-1252. "
                f"The first is line {lines.first_not_utf8}.{self.other_encoding}"
            )
        if lines.cut_character:
            yield f"{self.name} ends within a character; its last line, {lines.cut_character:,}, may lack more."
        if mended := self._mended + lines.halves:
            several = f"{mended:,} posts" if mended > 1 else "One post"
            yield f"{self.name}: {several} held halves of surrogate pairs, now U+FFFD."
        if self._read_as_html:
            several = f"{self._read_as_html:,} texts are" if self._read_as_html > 1 else "One text is"
            yield f"{self.name}: {several} HTML and landed as such; rules read the words without the tags."
        for why, times in self.left_out.most_common(REASONS):
            several = f"{times:,} posts were" if times > 1 else "one post was"
            yield f"{self.name}: {several} left out: {why}."

    def leave_out(self, post: LeftOutRecord) -> None:
        """Count a record in the place of a post."""
        why = str(post)
        is_counted = why in self.left_out or len(self.left_out) < 10 * REASONS
        self.left_out[why if is_counted else "for other reasons"] += 1

    def overlong(self) -> Iterator[Rejected]:
        """Lines that were skipped since the last call."""
        new = self.lines.overlong[self._reported :]
        self._reported += len(new)
        for number in new:
            yield Rejected(f"{self.name}:{number}", f"the line is longer than {LINE_LIMIT >> 20} MiB")
