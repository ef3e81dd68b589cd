"""One state of a corpus: the one that a page starts with.

A run may replace a corpus while somebody looks at it. A snapshot reads only the files in its manifest, so that the
figures of a page belong together. If they are gone it raises `ReplacedError`, and the page starts again. Answers are
cached, since the files of a corpus never change.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from curation.corpus.corpus import Corpus, FixedCorpus, placed
from curation.disk.states import ReplacedError
from curation.errors import CurationError
from curation.sql import database

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

#: Bytes of answers that the server keeps, over all corpora and browsers.
KEPT_BYTES = 64_000_000
#: Seconds that a search may take, since others wait for the same processors, and what is said then.
SECONDS = 20
SLOW = (
    f"The search took more than {SECONDS} seconds and was ended. It is faster with a shorter regular expression, or "
    "with a word before it: coffee /colou?r/."
)


T = TypeVar("T")


class Answers:
    """A cache of answers, bounded in bytes, that drops the least recently used first. Safe for threads."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._makers: dict[Any, tuple[Any, int]] = {}  # a lock for each answer that is being made, and who waits
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any | None:
        """The cached answer, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def of(self, key: Any, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The cached answer; without one, `make()` gives it. Threads that ask at once wait for one answer."""
        answer = self.get(key)
        if answer is None:
            with self._alone(key):
                answer = self.get(key)
                if answer is None:
                    answer = make()
                    self.put(key, answer, size(answer))
        return answer

    @contextlib.contextmanager
    def _alone(self, key: Any) -> Iterator[None]:
        """Lock out other threads that would make the answer to `key`."""
        with self._lock:
            lock, asking = self._makers.get(key, (threading.RLock(), 0))
            self._makers[key] = lock, asking + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, asking = self._makers.pop(key)
                if asking > 1:
                    self._makers[key] = lock, asking - 1

    def put(self, key: Any, answer: Any, size: int) -> None:
        """Keep an answer of `size` bytes."""
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = (answer, size)
            self._bytes += size - before
            while self._bytes > self._most and len(self._kept) > 1:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone


_ANSWERS = Answers()


@dataclass(frozen=True)
class Snapshot:
    """A corpus whose files stay the same."""

    corpus: Corpus
    answers: Answers = field(default=_ANSWERS, repr=False)

    @property
    def manifest(self) -> dict[str, Any]:
        """The corpus's manifest."""
        return self.corpus.manifest

    @property
    def identity(self) -> tuple[str, ...]:
        """A key that no other state of any corpus shares: its folder and its files, whose names are unique."""
        return (str(self.corpus.folder), *self.manifest["files"])

    def query(
        self, sql: str, parameters: Sequence[Any] = (), *, once: bool = False, searching: bool = False
    ) -> pl.DataFrame:
        """Run `sql` on the table `posts`; `?` stands for the `parameters`.

        `posts` has the corpus's columns, and `_part` and `_row`, a post's place. The answer is cached, unless it is
        needed only `once`. Raises `ReplacedError`, and if it is `searching`, `UsageError` after `SECONDS`.
        """

        def answer(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> pl.DataFrame:
            # A query without places costs no more with them.
            posts = placed(self.corpus.folder, self.manifest["files"])
            connection.execute(f"CREATE OR REPLACE TEMP VIEW posts AS {posts}")
            with database.limited(connection, SECONDS, SLOW) if searching else contextlib.nullcontext():
                return _frame(connection.sql(sql, params=list(parameters)).to_arrow_table())

        if once:
            return self._unmoved.reading(answer)
        key = (self.identity, sql, tuple(tuple(each) if isinstance(each, list) else each for each in parameters))
        return self.answers.of(
            key, lambda: self._unmoved.reading(answer), lambda frame: int(frame.estimated_size()) + 1_000
        )

    def at(
        self, places: Sequence[tuple[int, int]], *, only: Sequence[str] = (), but: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """The posts at these places, each a part and a row, in this order.

        They have all columns of the corpus, or `only` some, or all `but` some, and `_part` and `_row`. This reads only
        the row groups that hold the posts: a quarter of a second for a corpus of a million posts, where a query that
        scans each row takes one and a half.
        Raises `ReplacedError`, and `WorkspaceError` when a part can't be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows_of: dict[int, list[int]] = {}
        for part, row in places:
            rows_of.setdefault(part, []).append(row)
        posts: dict[tuple[int, int], dict[str, Any]] = {}
        for part, rows in rows_of.items():
            try:
                with pq.ParquetFile(self.corpus.folder / self.manifest["files"][part]) as file:
                    names = [name for name in file.schema_arrow.names if name not in but and name in (only or [name])]
                    taken = _rows(file, sorted(set(rows)), names)
            except FileNotFoundError as error:
                raise ReplacedError from error
            except (OSError, pa.ArrowException) as error:
                raise self.corpus.unreadable(error) from error
            for row, post in zip(sorted(set(rows)), _frame(taken).to_dicts(), strict=True):
                posts[part, row] = {**post, "_part": part, "_row": row}
        return [posts[place] for place in places]

    def ask(self, work: Callable[[Corpus], T]) -> T:
        """The result of a library function on this corpus, such as `Ledger.of`.

        Raises `ReplacedError` where the library itself would continue with the new corpus.
        """
        try:
            answer = work(self._unmoved)
        except CurationError:
            self._require_unmoved()
            raise
        self._require_unmoved()
        return answer

    @property
    def _unmoved(self) -> Corpus:
        return FixedCorpus(self.corpus.folder, self.corpus.manifest)

    def _require_unmoved(self) -> None:
        if self.corpus.successor():
            raise ReplacedError

    def keep(self, key: Hashable, make: Callable[[], T], size: int = 1_000) -> T:
        """The result of `make()`, cached under `key` for this state of the corpus; `size` is in bytes."""
        return self.answers.of((self.identity, key), make, lambda _: size)


def _rows(file: pq.ParquetFile, rows: Sequence[int], names: Sequence[str]) -> pa.Table:
    """Some columns of some rows of a file; the rows are in order."""
    import pyarrow as pa

    pieces, first, left = [], 0, list(rows)
    for group in range(file.num_row_groups):
        end = first + file.metadata.row_group(group).num_rows
        here = [row for row in left if row < end]
        if here:
            table = file.read_row_group(group, columns=list(names))
            pieces += [table.slice(row - first, 1) for row in here]
            left = left[len(here) :]
        first = end
    return pa.concat_tables(pieces).select(names)


def _frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as Polars has it."""
    import polars as pl

    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # only an array becomes a series
    return frame
