"""The whole run against the script that a user would write, and what a second run costs.

`python -m benchmarks.whole_run DATA [--rounds N] [--sample N] [--workspace DIR]`. DATA is a folder with the sets;
those that are not there are left out, and said. The naive script is slow, so its posts a second are taken on a sample
of the same posts. On that sample, with langdetect, both keep the same posts but for those whose language langdetect's
random draws decide; the table says how many.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from benchmarks.__main__ import ARCHIVES
from benchmarks.measure import Measured, command, curation
from curation.collecting.land import land
from curation.posts import POST_SCHEMA
from curation.sources.base import Page, Source

RECIPE = str(Path(__file__).with_name("whole_run.toml"))
#: The engines of the rule `language`, and how a run is told.
ENGINES = {"eldc": (), "langdetect": ("--set", 'language.engine="langdetect"')}
#: Another order of rules than the recipe's: nothing but the kept values helps it.
OTHER = "[[rule]]\nuse = 'min_chars'\n"


class Given(Source):
    """Posts that lie in memory."""

    name = "file"
    needs = gives = "nothing"

    def __init__(self, posts: pa.Table) -> None:
        self.posts = posts

    @property
    def target(self) -> str:
        """A name."""
        return "sample"

    def pages(self) -> Iterator[Page]:
        """The posts in the raw schema, all at once."""
        for batch in self.posts.select(POST_SCHEMA.names).cast(POST_SCHEMA).to_batches(max_chunksize=4096):
            yield Page(batch, (), 0)


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=4000, help="posts of the sample")
    parser.add_argument("--workspace", type=Path, help="a workspace in which the sets have landed already")
    parser.add_argument("--only", choices=("first", "second"), help="leave the other half out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        work = Path(name)
        space = arguments.workspace or landed_sets(arguments.data, work / "data")
        posts = landed_posts(space)
        step = max(posts.height // arguments.sample, 1)
        sample = work / "sample"
        land(sample, Given(posts.gather_every(step).to_arrow()))
        if arguments.only != "second":
            whole(space, posts.height, same_posts(sample, work), arguments.rounds)
        if arguments.only != "first":
            second(space, posts, work)


def same_posts(sample: Path, work: Path) -> tuple[float, float]:
    """Hold both against each other on the sample; gives the naive script's seconds and CPU seconds for a post."""
    answer = command(sys.executable, "-m", "benchmarks.naive_whole_run", str(sample), str(work / "naive.parquet"))
    count, kept, seconds, cpu = answer.stdout.split()
    curation("run", RECIPE, "--data", str(sample), "--json", *ENGINES["langdetect"])
    ours, naive = (_kept(path) for path in (sample / "curated" / "whole_run" / "*.parquet", work / "naive.parquet"))
    print(f"### Sample of {int(count):,} posts\n")
    print(f"The naive script keeps {int(kept):,}, langdetect in the rule {len(ours):,}; "
          f"with the same id and text {len(ours & naive):,}. The script takes {int(count) / float(seconds):,.0f} posts "
          f"a second, {answer.megabytes:,.0f} MB.\n")  # fmt: skip
    return float(seconds) / int(count), float(cpu) / int(count)


def whole(space: Path, posts: int, rate: tuple[float, float], rounds: int) -> None:
    """All posts, nothing kept from an earlier run."""
    naive, naive_cpu = rate
    print(f"### All {posts:,} posts, {rounds} rounds, medians\n")
    print("| | seconds | CPU seconds | posts a second | times the naive script | by CPU seconds | peak MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for engine, words in ENGINES.items():
        runs = [_run(space, "--again", "--memo", "0", *words) for _ in range(rounds)]
        seconds = statistics.median(run.seconds for run in runs)
        ratios = ", ".join(f"{naive * posts / run.seconds:.1f}" for run in runs)
        peak = max(run.megabytes for run in runs)
        cpu = statistics.median(run.cpu for run in runs)
        print(
            f"| {engine} | {seconds:.1f} | {cpu:.1f} | {posts / seconds:,.0f} | {ratios} "
            f"| {naive_cpu * posts / cpu:.1f} | {peak:,.0f} |",
            flush=True,
        )
    slow = f"{naive * posts:,.0f}, from the sample | {naive_cpu * posts:,.0f} | {1 / naive:,.0f}"
    print(f"| naive script | {slow} | 1 | 1 | |\n", flush=True)


def second(space: Path, posts: pl.DataFrame, work: Path) -> None:
    """What is left to pay for when most is known."""
    print("### A second run\n")
    print(
        f"| | {', seconds | of the first | '.join(ENGINES)}, seconds | of the first |\n| --- | --- | --- | --- | --- |"
    )
    other = work / "other.toml"
    other.write_text(Path(RECIPE).read_text(encoding="utf-8").replace('"whole_run"', '"other"', 1) + OTHER, "utf-8")
    rows: dict[str, list[Measured]] = {}
    for words in ENGINES.values():
        for path in (space / ".memo").rglob("*.npy"):
            path.unlink()
        rows.setdefault("first run", []).append(_run(space, "--again", *words))
        rows.setdefault("one threshold changed", []).append(_run(space, "--set", "min_words.min=4", *words))
        rows.setdefault("another recipe", []).append(_run(space, "--again", *words, recipe=str(other)))
        rows.setdefault("all again", []).append(_run(space, "--again", *words))
    for what, taken in rows.items():
        cells = (
            f"{one.seconds:.1f} | 1/{first.seconds / one.seconds:.1f}"
            for first, one in zip(rows["first run"], taken, strict=True)
        )
        print(f"| {what} | {' | '.join(cells)} |")
    # One post in a hundred is new: the same posts under other ids, each with a word of its own.
    some = posts.gather_every(100).with_columns(
        pl.concat_str(pl.lit("new"), "id").alias("id"), pl.concat_str("text", pl.lit(" indeed "), "id").alias("text")
    )
    land(space, Given(some.to_arrow()))
    print(f"\nWith {some.height:,} new posts: {_run(space).seconds:.1f} seconds.", flush=True)


def _run(space: Path, *words: str, recipe: str = RECIPE) -> Measured:
    taken = curation("run", recipe, "--data", str(space), "--json", *words)
    return replace(taken, stdout=json.loads(taken.stdout)["status"])


def landed_sets(data: Path, space: Path) -> Path:
    """Land the sets that are in a folder; gives the workspace."""
    there = [data / name for name in ARCHIVES if (data / name).is_dir()]
    missing = [name for name in ARCHIVES if not (data / name).is_dir()]
    if missing:
        print(f"Left out, since not in {data}: {', '.join(missing)}", file=sys.stderr)
    if not there:
        sys.exit(f"None of the sets is in {data}; nothing was measured.")
    for path in there:
        curation("collect", "x-archive", str(path), "--data", str(space), "--json")
    return space


def landed_posts(space: Path) -> pl.DataFrame:
    """The posts of a workspace, each id once."""
    return pl.read_parquet(space / "raw" / "*" / "*.parquet").unique(
        ["platform", "id"], keep="last", maintain_order=True
    )


def _kept(path: Path) -> set[tuple[str, str]]:
    posts = pl.read_parquet(path, columns=["id", "text", "removed_by"])
    return {*posts.filter(pl.col("removed_by").is_null()).select("id", "text").iter_rows()}


if __name__ == "__main__":
    main()
