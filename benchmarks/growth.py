"""How time, memory and disk grow with the posts: 0.3, 3 and 30 million of them.

`python -m benchmarks.growth DATA [--times 1 10 100] [--recipe baseline] [--workspace DIR] [--memory-limit 2GB]`. The
posts are those of the sets in DATA, again and again under other ids, each with a word of its own, so that none is a
copy of another one. Disk is what the workspace's unfinished work takes at most.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from benchmarks.measure import Measured, curation
from benchmarks.whole_run import landed_posts, landed_sets
from curation.collecting.land import land
from curation.posts import POST_SCHEMA
from curation.sources.base import Page, Source

#: Posts of a page; what lies in memory at a time.
PAGE = 16_384


class Repeated(Source):
    """Posts over and over, each time other ones."""

    name = "file"
    needs = gives = "nothing"

    def __init__(self, posts: pl.DataFrame, times: int) -> None:
        self.posts, self.times = posts.select(POST_SCHEMA.names), times

    @property
    def target(self) -> str:
        """A name."""
        return f"{self.times} times"

    def pages(self) -> Iterator[Page]:
        """The posts in the raw schema."""
        for number in range(self.times):
            changed = self.posts.with_columns(
                (pl.lit(f"{number}x") + pl.col("id")).alias("id"),
                (pl.col("text") + f" {_word(number)}").alias("text") if number else pl.col("text"),
                pl.lit("{}").alias("raw"),
            )
            table: pa.Table = changed.to_arrow().cast(POST_SCHEMA)
            for batch in table.to_batches(max_chunksize=PAGE):
                yield Page(batch)


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--memory-limit", default="2GB")
    parser.add_argument("--workspace", type=Path, help="a workspace in which the sets have landed already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        work = Path(name)
        posts = landed_posts(arguments.workspace or landed_sets(arguments.data, work / "data"))
        print(f"### `curation run {arguments.recipe} --memory-limit {arguments.memory_limit}`\n")
        print("| posts | seconds | of the row above | posts a second | peak MB | unfinished work, MB |")
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
        before: Measured | None = None
        for times in arguments.times:
            space = work / f"{times}"
            land(space, Repeated(posts, times))
            count = posts.height * times
            words = ["run", arguments.recipe, "--data", str(space), "--json", "--memory-limit", arguments.memory_limit]
            words += [word for one in arguments.set for word in ("--set", one)]
            with _Disk(space / ".work") as disk:
                taken = curation(*words)
            growth = f"{taken.seconds / before.seconds:.1f}" if before else ""
            print(
                f"| {count:,} | {taken.seconds:.1f} | {growth} | {count / taken.seconds:,.0f} | {taken.megabytes:,.0f} "
                f"| {disk.peak / 1e6:,.0f} |",
                flush=True,
            )
            before = taken
            shutil.rmtree(space)


def _word(number: int) -> str:
    """A word that no other number has, of letters alone."""
    word = ""
    while number:
        number, letter = divmod(number - 1, 26)
        word += chr(ord("a") + letter)
    return f"q{word}"


class _Disk(threading.Thread):
    """Looks at the size of a folder until it is told that it is over."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.peak, self.done = folder, 0, threading.Event()

    def __enter__(self) -> _Disk:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        while not self.done.wait(1.0):
            size = 0
            for path in self.folder.rglob("*"):
                try:
                    size += path.stat().st_size
                except OSError:  # it has gone meanwhile
                    continue
            self.peak = max(self.peak, size)


if __name__ == "__main__":
    main()
