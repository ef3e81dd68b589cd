"""Posts out of files that other tools wrote: JSON lines, JSON lists and tables, in the dialects people have.

Every file is recognised before the first one is read: a wrong path, or a picture among the paths, is an error before
anything lands. `recognition` says what a file is; `json_records` and `tables` give its records with their places;
`dialects` and `columns` make rows of them; `files.readers` combines both for a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import pyarrow as pa

from curation.errors import CurationError, InputError, NoTextColumnError, NothingToDoError, UsageError, did_you_mean
from curation.posts import NO_PLATFORM, UNKNOWN_AUTHOR
from curation.sources.base import PAGE_POSTS, Page, PageBuilder, Rejected, Source
from curation.sources.dialects import FORMATS
from curation.sources.files.containers import Container
from curation.sources.files.encoding_names import encoding_named
from curation.sources.files.explanation import explain_recognition
from curation.sources.files.file_options import FileOptions
from curation.sources.files.finding import check_target
from curation.sources.files.folded_notices import fold
from curation.sources.files.input_files import InputFile, open_input
from curation.sources.files.missing_times import MissingTimes, times_of
from curation.sources.files.reader import REASONS, PostInFile
from curation.sources.files.readers import reader_of
from curation.sources.files.recognition import Recognised, check_format, recognise_file
from curation.sources.files.unfolding import ArchivePart, FilePart, Unfolding
from curation.sources.files.x_archive_posts import ArchiveReading
from curation.sources.records.dates import CHOICES
from curation.sources.records.field_names import check_mapping
from curation.sources.records.fields import handle
from curation.writing.characters import whole, without_invisible
from curation.writing.terminal import count

#: Columns with the id of a post.
_IDS = ("id", "repost_of", "reply_to", "quote_of", "conversation_id", "edit_of")


class FileSource(Source):
    """Posts out of files that other programs saved: JSON lines, JSON, tables, archives of X, Mastodon and Bluesky."""

    name: ClassVar[str] = "file"
    target_is_file: ClassVar[bool] = True
    if_rejected: ClassVar[str] = (
        "If the file was taken for something else, name its form with --format or its columns with --map."
    )
    needs: ClassVar[str] = (
        "one or more files of posts, a folder, a zip or a tar of them, or `-` for standard input; "
        ".gz, .bz2, .xz and .zst are unpacked"
    )
    gives: ClassVar[str] = "every post in them, with author, time and flags where the file names them"
    options: ClassVar[tuple[str, ...]] = ("author", "dates", "encoding", "format", "map", "platform", "private")

    @classmethod
    def open(cls, targets: Sequence[str], options: Mapping[str, Any]) -> Self:
        """All targets are files or folders; `--map` gives the columns."""
        given = dict(options)
        return cls(targets, columns=given.pop("map", None), **given)

    @classmethod
    def formats(cls) -> dict[str, str]:
        """What `--format` may name."""
        return {"auto": "recognised from the content", **FORMATS}

    def __init__(
        self,
        paths: Sequence[Path | str],
        *,
        format: str = "auto",
        columns: Mapping[str, str] | None = None,
        author: str | None = None,
        platform: str | None = None,
        private: bool = False,
        dates: str = "auto",
        encoding: str | None = None,
    ) -> None:
        """`format` is `auto` or a name of `FORMATS`; `columns` is field → column, `author` a handle.

        `author` is for posts whose record names none, `platform` for all. `private` also reads one's own words in
        private conversations. `dates` is what comes first in dates like 02-03-2020, one of `CHOICES`; `encoding` is
        detected by default. Raises `UsageError` for a format, a field, an order or an encoding that doesn't exist.
        """
        self._paths = [Path(check_target(str(path), self.name)) for path in paths]
        if dates not in CHOICES:
            raise UsageError(f"--dates {dates}: say one of {', '.join(CHOICES)}.{did_you_mean(dates, CHOICES)}")
        self._options = FileOptions(
            check_format(format),
            check_mapping(columns or {}),
            handle(whole(author)) if author else None,
            whole(platform) if platform else None,
            private,
            CHOICES[dates],
            encoding_named(encoding) if encoding else None,
        )
        self._unfolding: Unfolding | None = None
        self._parts: list[FilePart | ArchivePart] | None = None
        self._nameless = 0  # posts whose record names no author
        self._theirs = 0  # posts whose record names the one that was given
        self._notices: list[str] = []
        self._names: set[str] = set()  # of files, as notices call them

    @property
    def target(self) -> str:
        """The paths as they were given."""
        return " ".join(map(str, self._paths))

    @property
    def size(self) -> int | None:
        """Bytes on disk of all files; None when they can't be reached."""
        try:
            return self._unfold().size
        except InputError:
            return None

    def notices(self) -> tuple[str, ...]:
        """What was recognised, and what a person should know of it; once for many files with the same notice."""
        return tuple(fold(self._notices, self._names))

    def pages(self) -> Iterator[Page]:
        """Read the posts of all files, in the order of the paths.

        Raises `InputError`, `UsageError` or `NothingToDoError` before the first page. After the last one it raises
        `InputError` if the input broke off before its first post, and `NothingToDoError` if there was none.
        """
        self._notices, self._nameless, self._theirs = [], 0, 0
        builder, left_out = PageBuilder(), Counter[str]()
        read_bytes, landed, rejected, broken_off, archived = 0.0, 0, 0, None, False
        parts, unfolding = self.recognise(), self._unfold()
        try:
            for part in parts:
                if isinstance(part, ArchivePart):
                    reading = ArchiveReading(part.path, part.listing, self._options.author, self._notices, part.prefix)
                    self._notices.append(f"{part.name}: read as an archive of X.")
                    for page in reading.pages():
                        posts = self._on_platform(page.posts)
                        landed, rejected = landed + posts.num_rows, rejected + len(page.rejected)
                        yield replace(page, posts=posts, position=int(read_bytes) + part.advanced(page.position))
                    read_bytes, archived = read_bytes + part.share, True
                    continue
                name = part.recognised.file.name
                self._notices.append(f"{name}: read as {part.recognised.doc}.")
                missing, before = self._watched(part.recognised), landed
                with open_input(part.recognised.file) as source:
                    reader = reader_of(part.recognised, source)
                    for item in reader:
                        if isinstance(item, Rejected):
                            builder.rejected.append(item)
                            rejected += 1
                        else:
                            if item.row.get("created_at") is None:
                                missing.note(item)
                            builder.rows.append(self._finished(item, name))
                            landed += 1
                        if builder.full or len(builder.rejected) >= PAGE_POSTS:
                            yield builder.page(int(read_bytes) + part.advanced(source.position))
                read_bytes += part.share
                ended_early = reader.ended_early and f"{name}: {reader.ended_early}"
                broken_off = broken_off or ended_early
                self._notices.extend(reader.notices())
                self._notices.extend(missing.notices(landed - before))
                left_out.update(reader.left_out)
                yield builder.page(int(read_bytes), ended_early)
            for damage in unfolding.damaged:
                broken_off = broken_off or damage
                yield builder.page(int(read_bytes), damage)
        finally:
            unfolding.close()
            self._unfolding = self._parts = None
        if broken_off and not landed:
            raise InputError(f"Nothing could be read: {broken_off}.")
        if not landed and not rejected:
            raise NothingToDoError(self._nothing(left_out))
        if not archived:
            self._notices.extend(self._about_authors(landed))

    def _watched(self, recognised: Recognised) -> MissingTimes:
        """Keeps account of a file's missing times; its column can be read a second time."""

        def scan() -> None:
            with open_input(recognised.file) as source:
                reader_of(recognised, source).note_times()

        if times := times_of(recognised):
            times.chosen, times.scan = self._options.dates, scan
        return MissingTimes(recognised)

    def recognise(self) -> list[FilePart | ArchivePart]:
        """What there is to read. An unreadable file in a folder or a container is left out; damage makes it partial.

        Raises `InputError`, `UsageError` or `NothingToDoError`.
        """
        if self._parts is None:
            unfolding = self._unfold()
            try:
                parts = unfolding.parts()
            except BaseException:
                unfolding.close()
                raise
            if not parts:
                unfolding.close()
                if unfolding.damaged:
                    raise InputError(f"Nothing could be read: {'; '.join(unfolding.damaged)}.")
                if unfolding.refused:
                    first = unfolding.refused[0]
                    if not unfolding.notices or not isinstance(first, InputError):
                        raise first
                    raise InputError(" ".join([str(first), *fold(unfolding.notices[:3], ())])) from first
                empty_files = ", ".join(f"{file.path} is empty ({_bytes(file)})" for file in unfolding.empty)
                raise NothingToDoError(f"{empty_files}: nothing to land.")
            self._parts = parts
        unfolding = self._unfold()
        self._names = {part.name for part in self._parts} | unfolding.refused_names
        self._names |= {file.name for file in unfolding.empty}
        self._notices += unfolding.notices
        self._notices += [f"Left out: {error}" for error in unfolding.refused]
        self._notices += [f"{file.name} is empty ({_bytes(file)}); left out." for file in unfolding.empty]
        return self._parts

    def explain(self) -> list[dict[str, Any]]:
        """What each file is and what shows it; an unreadable one has an `error` instead. Nothing lands."""
        explained: list[dict[str, Any]] = []
        for path in self._paths:
            unfolding = self._unfolding_of([path])
            try:
                for part in unfolding.parts():
                    if isinstance(part, ArchivePart):
                        explained.append(
                            {
                                "file": part.name,
                                "format": "x-archive",
                                "what": "an archive of X",
                                "closed": part.listing.closed,
                            }
                        )
                    else:
                        explained.append(explain_recognition(part.recognised))
            except CurationError as error:
                columns = {"columns": [*error.columns]} if isinstance(error, NoTextColumnError) else {}
                explained.append({"file": str(path), "error": str(error), **columns})
            finally:
                unfolding.close()
            errors = [*map(str, unfolding.refused), *(f"{damage}." for damage in unfolding.damaged)]
            explained += [{"file": str(path), "error": error} for error in errors]
            explained += [{"file": str(f.path), "error": f"It is empty ({_bytes(f)})."} for f in unfolding.empty]
        return explained

    def _unfold(self) -> Unfolding:
        if self._unfolding is None:
            self._unfolding = self._unfolding_of(self._paths)
        return self._unfolding

    def _unfolding_of(self, paths: Sequence[Path]) -> Unfolding:
        options = self._options
        plain = options.format == "auto" and not options.columns

        def recognise(file: InputFile, container: Container | None) -> Recognised | None:
            return recognise_file(file, options, container)

        return Unfolding(paths, recognise, archives=plain, outbox_only=options.format == "mastodon-archive")

    def _on_platform(self, posts: pa.RecordBatch) -> pa.RecordBatch:
        """The posts with the platform that `--platform` names."""
        if not self._options.platform or not posts.num_rows:
            return posts
        place = posts.schema.get_field_index("platform")
        return posts.set_column(place, posts.schema.field(place), pa.array([self._options.platform] * posts.num_rows))

    def _finished(self, item: PostInFile, file: str) -> dict[str, Any]:
        """The row with what this source adds to it; `file` is the name of its file."""
        row = item.row
        if not row.get("author"):
            self._nameless += 1
            row["author"] = self._options.author
        elif row["author"] == self._options.author:
            self._theirs += 1
        for key in _IDS:
            # Two ids that look the same are the same: a spreadsheet or a browser put the rest between the digits.
            if (value := row.get(key)) and not value.isascii():
                row[key] = without_invisible(value) or None
        # No post lands without a platform, whatever a file mixes.
        row["platform"] = self._options.platform or row.get("platform") or NO_PLATFORM
        row.update(source=self.name, source_file=file, source_line=item.number, raw=item.raw)
        return row

    def _nothing(self, left_out: Counter[str]) -> str:
        """Why nothing lands, though everything was read."""
        if not left_out:
            return f"There is no post in {self.target}: nothing to land."
        counts = left_out.most_common(REASONS)
        if others := sum(left_out.values()) - sum(count for _, count in counts):
            counts.append(("other reasons", others))
        reasons = [f"{count:,} post{'' if count == 1 else 's'}: {why}." for why, count in counts]
        return f"Nothing lands from {self.target}: everything in it is left out. {' '.join(reasons)}"

    def _about_authors(self, landed: int) -> Iterator[str]:
        author, nameless = self._options.author, self._nameless
        some = f"{nameless:,} of the {count(landed, 'post')}"
        if author and landed and not nameless and not self._theirs:
            yield f"--author {author} was not needed: every post names its author."
        elif author and 0 < nameless < landed:
            yield f"--author {author} stands for {some}, which name nobody; the others name theirs."
        elif not author and nameless:
            whose = "these posts" if nameless == landed else some
            yield (
                f"Nothing says who wrote {whose}; they are landed as '{UNKNOWN_AUTHOR}'. "
                "Say it with --author NAME or --map author=COLUMN."
            )


def _bytes(file: InputFile) -> str:
    return "1 byte" if file.size == 1 else f"{file.size:,} bytes"
