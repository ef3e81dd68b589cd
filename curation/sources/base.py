"""A source yields posts in the raw schema, page by page.

A source only reads. It never writes to the workspace, never decides what to keep, and never edits a text;
`curation.collecting.land` does the rest. One file in this folder is one source; another package adds one through the
entry-point group `curation.sources` (name → subclass of `Source`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

import pyarrow as pa

from curation.errors import UsageError
from curation.posts import POST_SCHEMA, batch
from curation.writing.characters import is_whole, whole

#: Posts in a page: few enough that a page of long posts with their JSON takes tens of megabytes.
PAGE_POSTS = 4096


@dataclass(frozen=True)
class Rejected:
    """A record that could not be read."""

    where: str  # "tweets.csv:17" or "data/tweets.js: item 12, byte 4711"
    why: str  # one clause for a person


@dataclass(frozen=True)
class Page:
    """Some posts, and what could not be read on the way to them."""

    posts: pa.RecordBatch  # in `curation.posts.POST_SCHEMA`
    rejected: tuple[Rejected, ...] = ()
    position: int = 0  # bytes of the input so far, for the progress bar; grows from page to page
    ended_early: str | None = None  # why the rest of the input could not be reached; the posts so far are good
    mended: int = 0  # posts that held half of a surrogate pair, which is U+FFFD now


@dataclass(frozen=True)
class Offer:
    """What a run of a source that costs money will cost."""

    sentence: str
    needs_yes: bool  # more than a user would spend unasked


@dataclass(frozen=True)
class Platform:
    """Where posts were posted."""

    name: str  # as the column `platform` has it
    title: str = ""  # for people; by default the name
    tag: str = ""  # on the Hub; none by default


@dataclass(frozen=True)
class TargetPart:
    """A part of what names a target, for a form: the only one, or one of several words."""

    label: str  # for people: "Handle"
    doc: str = ""  # what to write, with an example
    choices: Mapping[str, str] = field(default_factory=dict)  # value → a clause on it, if they are few


class Source(ABC):
    """Posts from one place.

    A subclass is a source's documentation as well: its docstring's first line, `needs` and `gives` are what
    `curation sources` and the docs print.
    """

    name: ClassVar[str]
    needs: ClassVar[str]  # what the user must have: "the zip or folder that X sends you"
    gives: ClassVar[str]  # what they get: "your own posts, retweets and replies"
    options: ClassVar[tuple[str, ...]] = ()  # of `curation collect` that it takes: author, format, map, platform
    target_is_file: ClassVar[bool] = False  # whether targets are files or folders; cards leave out the folders above
    if_rejected: ClassVar[str] = ""  # what to say to a user some of whose records could not be read
    platforms: ClassVar[tuple[Platform, ...]] = ()  # of its posts, those that need a title or a tag on cards
    token: ClassVar[str] = ""  # "optional" or "required" where a server wants one; a form asks for it

    @classmethod
    def open(cls, targets: Sequence[str], options: Mapping[str, Any]) -> Self:
        """Make one from the words of a command line.

        `options` holds what the user gave, by the names in `cls.options`. A source overrides this if it takes several
        targets, or if its constructor has other names for options. Raises `UsageError`.
        """
        if len(targets) != 1:
            raise UsageError(f"The source '{cls.name}' reads one target at a time; given were {len(targets)}.")
        return cls(targets[0], **options)  # type: ignore[call-arg]  # each source takes a target and its own options

    @classmethod
    def target_parts(cls) -> tuple[TargetPart, ...]:
        """What a form asks for to name a target; by default one text."""
        return (TargetPart("Target", cls.needs[:1].upper() + cls.needs[1:]),)

    @classmethod
    def words_of(cls, target: str) -> list[str]:
        """The words of a command line that name the target which `target` was the name of."""
        return [target]

    @classmethod
    def token_variables(cls, token: str, targets: Sequence[str]) -> dict[str, str]:
        """The variables of the environment by which a token reaches the source. Raises `UsageError`."""
        return {}

    @classmethod
    def formats(cls) -> dict[str, str]:
        """The forms of input that `--format` may name, with a clause on each; most sources have none."""
        return {}

    @property
    @abstractmethod
    def target(self) -> str:
        """What is read, as the user named it."""

    @property
    def size(self) -> int | None:
        """Bytes to read, for the progress bar; None if unknown."""
        return None

    @property
    def expected(self) -> int | None:
        """The number of posts that the other side names; None if it names none."""
        return None

    @abstractmethod
    def pages(self) -> Iterator[Page]:
        """Read the posts.

        Raises `curation.errors.InputError` if nothing at all can be read, `UsageError` for an option that does not
        fit. A record that can't be read is a `Rejected`, never an exception.
        """

    def notices(self) -> tuple[str, ...]:
        """Sentences for the user, known once the pages have been read."""
        return ()

    def offer(self) -> Offer | None:
        """The cost, for the user's yes before the first request; None if there is none."""
        return None

    def about(self) -> Mapping[str, Any]:
        """More about the posts' origin for the landing's manifest, as JSON."""
        return {}


@dataclass
class PageBuilder:
    """Gathers posts, one by one and as batches, and rejected records, and says when a page is full."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    _batches: list[pa.RecordBatch] = field(default_factory=list)
    _in_batches: int = 0
    _mended: int = 0

    @property
    def full(self) -> bool:
        """Whether the page should be taken now."""
        return self._in_batches + len(self.rows) >= PAGE_POSTS

    def add(self, posts: pa.RecordBatch) -> None:
        """Add posts in `curation.posts.POST_SCHEMA`, after the rows so far."""
        self._gather_rows()
        self._batches.append(posts)
        self._in_batches += posts.num_rows

    def page(self, position: int = 0, ended_early: str | None = None) -> Page:
        """Take the posts so far as a page, and begin the next."""
        self._gather_rows()
        [posts] = (
            self._batches
            if len(self._batches) == 1
            else pa.Table.from_batches(self._batches, POST_SCHEMA).combine_chunks().to_batches() or [batch(())]
        )
        page = Page(posts, tuple(self.rejected), position, ended_early, self._mended)
        assert page.posts.schema == POST_SCHEMA
        self.rejected, self._batches, self._in_batches, self._mended = [], [], 0, 0
        return page

    def _gather_rows(self) -> None:
        if self.rows:
            posts, unsound, mended = sound_batch(self.rows)
            self.rows = []
            self.rejected += unsound
            self._mended += mended
            self._batches.append(posts)
            self._in_batches += posts.num_rows


def sound_batch(
    rows: list[dict[str, Any]], same: Mapping[str, str] = MappingProxyType({})
) -> tuple[pa.RecordBatch, list[Rejected], int]:
    """Rows as a batch, those that can't be posts, and how many held half of a surrogate pair, which is U+FFFD now.

    `same` has the columns whose value is the same in all rows. Looks at single rows only if Arrow refuses them
    together, so sound rows cost nothing.
    """
    try:
        return batch(rows, same), [], 0
    except (ValueError, TypeError, OverflowError):  # Arrow's own exceptions are of these kinds
        pass
    sound, rejected, mended = [], [], 0
    for row in ({**row, **same} for row in rows):
        halves = {key: whole(value) for key, value in row.items() if isinstance(value, str) and not is_whole(value)}
        mended += bool(halves)
        row = row | halves
        try:
            batch([row])
        except (ValueError, TypeError, OverflowError) as error:
            place = f"{row.get('source_file') or row.get('source')}: item {row.get('source_line')}"
            rejected.append(Rejected(place, f"a value of it can't be stored ({error})"))
        else:
            sound.append(row)
    return batch(sound), rejected, mended
