"""The archive that X (Twitter) sends its users, in each of its forms since 2012."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from curation.errors import CurationError, UsageError
from curation.sources.base import Page, Source
from curation.sources.files.finding import check_target
from curation.sources.files.x_archive_files import Listing, NotAnArchiveError, open_archive
from curation.sources.files.x_archive_posts import ArchiveReading
from curation.writing.characters import whole

if TYPE_CHECKING:
    from curation.sources.file import FileSource


class XArchive(Source):
    """The archive that X (Twitter) sends you, as a zip or a folder.

    It reads `tweets.js` (`tweet.js`, `tweets-partN.js`), `community-tweet.js`, `deleted-tweets.js`, the whole text of
    long posts from `note-tweet.js` and `deleted-note-tweet.js`, that of articles from `article.js`, and the monthly
    files of archives until 2018. Of `account.js` it takes only the handle, the display name and the id. It opens
    nothing else: no private message, no e-mail address, no phone number. Any other file is read as by `collect file`.
    """

    name: ClassVar[str] = "x-archive"
    target_is_file: ClassVar[bool] = True
    needs: ClassVar[str] = "the zip that X sends you, or the folder that comes of unpacking it"
    gives: ClassVar[str] = "all your posts, replies and retweets, deleted ones that it still holds included"
    options: ClassVar[tuple[str, ...]] = ("author",)

    def __init__(self, path: Path | str, author: str | None = None) -> None:
        """`author` is the handle for posts without one; it wins over `account.js`.

        Raises `UsageError` when `author` is empty. Nothing is opened yet.
        """
        self.path = Path(check_target(str(path), self.name))
        self.author = whole(author).strip().removeprefix("@") if author is not None else None
        if self.author == "":
            raise UsageError("--author needs a handle, such as --author alice.")
        self._listing: Listing | None = None
        self._other: FileSource | None = None  # reads the target if it is no X archive
        self._size: int | None = None
        self._notices: list[str] = []

    @property
    def target(self) -> str:
        """The path as it was given."""
        return str(self.path)

    @property
    def size(self) -> int:
        """Bytes of the files to read, unpacked. Raises `InputError` as `pages` does."""
        if self._size is None:
            self._size = self._open().size
        return self._size or 0

    def pages(self) -> Iterator[Page]:
        """Read the posts; see `Source.pages`.

        Raises `InputError` if there is no archive or nothing in it can be read.
        """
        source = self._open()
        self._notices = []
        if not isinstance(source, Listing):
            from curation.sources.files.unfolding import ArchivePart

            if not any(isinstance(part, ArchivePart) for part in source.recognise()):
                way = f"curation collect file {self.path}"
                self._notices.append(f"{self.path} is no X archive; it was read as by: {way}")
            yield from source.pages()
            self._notices += source.notices()
            return
        try:
            yield from ArchiveReading(self.path, source, self.author, self._notices).pages()
        finally:
            source.close()
            self._listing = None

    def notices(self) -> tuple[str, ...]:
        """What a user should know of these pages."""
        return tuple(self._notices)

    def _open(self) -> Listing | FileSource:
        """The archive; or, for any other file, the source that reads it."""
        if self._other:
            return self._other
        if self._listing is None:
            try:
                self._listing = open_archive(self.path)
            except NotAnArchiveError as error:
                from curation.sources.file import FileSource  # which knows all dialects, and takes its time to load

                other = FileSource([self.path], author=self.author)
                try:
                    other.recognise()
                except CurationError:
                    raise error from None
                self._other = other
                return other
        return self._listing
