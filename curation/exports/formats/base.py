"""The base of export formats. A format writes the kept posts of one split into one file.

It decides on columns, order and bytes. `curation.exports.choosing` chooses the posts and their side of the split, and
`curation.exports.files.publish` makes a file appear whole or not at all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from curation.disk.exported_file import ExportedFile
from curation.exports.choosing.snapshot import IN_ORDER, PostSnapshot
from curation.exports.formats.sink import Sink, Written
from curation.options.export import ExportOptions
from curation.sql.order import drawn

#: Replaces a `BOUNDARY` in a post where a tokenizer would read it as the token.
NEUTRALISED = "< |endoftext| >"

#: Bytes that are copied at a time.
COPIED = 1 << 20

#: Called now and then with the posts written so far and with all of them, over all files.
Progress = Callable[[int, int], None]

#: Shapes of a record: one `text`; `prompt` and `completion`; `messages` of `user` and `assistant`.
ONE_TEXT, PAIRS, CHAT = "text", "pairs", "chat"


class Export(ABC):
    """One format of training text.

    A subclass is the format's documentation as well: the command line and the docs print the docstring's first line.
    Another package adds one through the entry-point group `curation.exports` (name → subclass).
    """

    name: ClassVar[str]
    extension: ClassVar[str]  # without the dot; the file is called train.EXTENSION or valid.EXTENSION
    needs_text: ClassVar[bool]  # whether a post without text is left out
    boundaries: ClassVar[bool]  # whether a `BOUNDARY` in a post is neutralised
    conversations: ClassVar[bool] = False  # whether it needs turns (`curation.exports.conversations.turns`)
    cuttable: ClassVar[bool] = False  # whether a post's bytes can be taken out, and the rest is as it would be without
    readme: ClassVar[bool] = False  # whether a dataset card belongs beside its files
    own_options: ClassVar[tuple[str, ...]] = ()  # fields of `ExportOptions` that only some formats use, this one too
    reader: ClassVar[str] = ""  # of the library `datasets`, that loads its files: parquet, json, text; "": none does
    preview_note: ClassVar[str] = ""  # of a format that is no text: what a page says instead of showing its beginning
    shape: ClassVar[str] = ONE_TEXT  # what a record is to a trainer
    bytes_beside: ClassVar[int] = 20  # of a post, besides its text; about, for an estimate of the file
    has_epochs: ClassVar[bool] = False  # whether a post is there once an epoch, and repeated where authors are few
    others: ClassVar[tuple[str, ...]] = ()  # names of the files that it has besides those of splits

    def require(self, options: ExportOptions) -> None:  # noqa: B027 -- most formats are content with everything
        """Raise `UsageError` before anything is read if this format can't be written here or with these options."""

    def prepared(self, snapshot: PostSnapshot, options: ExportOptions) -> Export:
        """This format with what it has to know of all posts before it writes the first."""
        return self

    @abstractmethod
    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the posts of `split` (`train` or `valid`) to `sink`, in the same order every time.

        `Sink.posts` and `Sink.rows` note where each post stands.
        """

    def beside(self, options: ExportOptions, written: Mapping[str, Sequence[Written]]) -> Mapping[str, bytes]:
        """The contents of `others` by name, given the files of each split that was `written`."""
        return {}

    def texts(self, file: Path, places: Iterable[Sequence[tuple[int, int]]]) -> Iterator[list[str]]:
        """The texts of posts, read back from a file of this format, for each list of places in order."""
        with file.open("rb") as opened:
            for some in places:
                texts = []
                for begin, end in some:
                    opened.seek(begin)
                    texts.append(self.text(opened.read(end - begin)))
                yield texts

    def text(self, piece: bytes) -> str:
        """The text of a post as this format writes it, from its bytes."""
        return piece.decode()

    def piece(self, text: str) -> bytes | None:
        """The bytes of a part of a post's text; None if they depend on the rest."""
        return None

    def file(self, split: str) -> str:
        """The name of the file of a split, or of the first of several."""
        return f"{split}.{self.extension}"

    def names(self, snapshot: PostSnapshot, split: str) -> Sequence[str]:
        """The names of all files of a split, in the order in which they are written (`Sink.turn`); `/` for folders."""
        return [self.file(split)]

    def pattern(self, split: str) -> str:
        """The pattern of the names of a split's files, for `Path.glob`."""
        return self.file(split)

    def cut(self, file: Path, gone: Sequence[tuple[int, int]], sink: Sink) -> None:
        """Write a `cuttable` file again without these ranges, which are in order and apart."""
        with file.open("rb") as old:
            for begin, end in gone:
                while left := begin - old.tell():
                    sink.write(old.read(min(left, COPIED)))
                old.seek(end)
            while rest := old.read(COPIED):
                sink.write(rest)

    def expected(self, snapshot: PostSnapshot, split: str, options: ExportOptions) -> int:
        """About how many posts `write` writes, for the progress bar."""
        return snapshot.count(split, with_text=self.needs_text)

    def passes(self, split: str, options: ExportOptions) -> int | None:
        """How often the file of a split has each post, apart from balancing; None for a format that says no number."""
        return None

    def figures(self, snapshot: PostSnapshot, split: str) -> tuple[int, int]:
        """Different posts in the file of a split, and the code points of their texts."""
        with_text = self.needs_text
        return snapshot.count(split, with_text=with_text), snapshot.characters(split, with_text=with_text)

    def order(self, options: ExportOptions) -> str:
        """SQL: the order of the posts of a file, over the columns of the table `kept`; of its first pass."""
        return IN_ORDER

    def draw(self, snapshot: PostSnapshot, seed: int, most: int) -> None:
        """Limit the table `kept` to the posts of some records of the training file, drawn by the seed."""
        snapshot.connection.execute(
            f"CREATE TABLE drawn AS SELECT * FROM kept WHERE split = 'train' AND has_text "
            f"ORDER BY {drawn(seed, 'preview')}, platform, id LIMIT {int(most)}"
        )
        snapshot.connection.execute("CREATE OR REPLACE VIEW kept AS FROM drawn")


@dataclass(frozen=True)
class ExportResult:
    """The result of an export."""

    recipe: str
    files: tuple[ExportedFile, ...]
    warnings: tuple[str, ...]  # sentences for the user
    replaced: tuple[dict[str, Any], ...] = ()  # the exports of other posts that were in the folder

    def to_json(self) -> dict[str, Any]:
        """What `curation export --json` prints."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "files": [{**file.facts(), "path": str(file.path)} for file in self.files],
            "warnings": list(self.warnings),
            "replaced": list(self.replaced),
        }
