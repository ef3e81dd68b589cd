"""Runs the benchmarks on a folder of real sets and prints the tables of docs/benchmarks.md.

`python -m benchmarks DATA [--rounds N]`. Every figure of ours stands beside that of a naive script from the
same round, so that a slow or busy machine slows both; the ratio is what counts. Sets that are not in DATA are
left out, and said.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import zipfile
from pathlib import Path

import polars as pl

from benchmarks.measure import Measured, command, curation

ARCHIVES = (
    "grailbird-anildash-en", "grailbird-cogdog-en", "grailbird-frankmeeuwsen-nl", "grailbird-masawada-ja",
    "grailbird-saviomd-pt",
)  # fmt: skip


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    archives = [arguments.data / name for name in ARCHIVES if (arguments.data / name).is_dir()]
    missing = [name for name in ARCHIVES if not (arguments.data / name).is_dir()]
    if missing:
        print(f"Left out, since not in {arguments.data}: {', '.join(missing)}", file=sys.stderr)
    if not archives:
        sys.exit(f"None of the sets is in {arguments.data}; nothing was measured.")
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        work = Path(folder)
        million(work, arguments.rounds)
        landing(archives, work, arguments.rounds)
        growing(max(archives, key=_bytes), work)
        baseline(work / "data", work, arguments.rounds)


def landing(archives: list[Path], work: Path, rounds: int) -> None:
    """Land the archives, against parsing each whole and writing it with Polars."""
    ours, naive, posts = [], [], 0
    for _ in range(rounds):
        shutil.rmtree(work / "data", ignore_errors=True)
        each = [
            curation("collect", "x-archive", str(path), "--data", str(work / "data"), "--json") for path in archives
        ]
        posts = sum(json.loads(one.stdout)["landed"] for one in each)
        ours.append(_together(each))
        out = work / "naive.parquet"
        naive.append(
            _together(
                [command(sys.executable, "-m", "benchmarks.naive_landing", str(path), str(out)) for path in archives]
            )
        )
    _table("Landing", posts, ours, naive)


def million(work: Path, rounds: int, posts: int = 1_000_000) -> None:
    """Land a million invented posts, as a source and as a feed gives them, against one `write_parquet` of them."""
    taken: dict[str, list[Measured]] = {"land": [], "feed": [], "polars": []}
    for _ in range(rounds):
        for how, runs in taken.items():
            folder = work / f"million-{how}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            runs.append(command(sys.executable, "-m", "benchmarks.million", how, str(posts), str(folder)))
    for title, how in (("Landing from a source", "land"), ("Landing from a feed, 100 posts a page", "feed")):
        _table(f"{title}, against one `write_parquet`", posts, taken[how], taken["polars"])


def growing(archive: Path, work: Path) -> None:
    """Land one archive as a zip with one large member, and then the same four times over: memory must not grow."""
    print("\n### Memory of landing as the archive grows\n")
    print("| posts | archive, MB unpacked | peak MB | seconds |\n| --- | --- | --- | --- |")
    for times in (1, 2, 4):
        path, size = _one_member(archive, times, work / f"archive-{times}.zip")
        taken = curation("collect", "x-archive", str(path), "--data", str(work / f"growing-{times}"), "--json")
        found = json.loads(taken.stdout)["landed"]
        print(f"| {found:,} | {size / 1e6:,.0f} | {taken.megabytes:,.0f} | {taken.seconds:.1f} |")
        path.unlink()


def baseline(workspace: Path, work: Path, rounds: int) -> None:
    """`curation run baseline` from landed Parquet, against a Python loop."""
    ours, naive = [], []
    for _ in range(rounds):
        ours.append(curation("run", "baseline", "--again", "--data", str(workspace), "--json"))
        out = work / "naive.parquet"
        naive.append(command(sys.executable, "-m", "benchmarks.naive_baseline", str(workspace), str(out)))
    counts = json.loads(ours[-1].stdout)["counts"]
    _table("`curation run baseline`", counts["downloaded"], ours, naive)
    ids = [_kept(workspace / "curated" / "baseline"), _kept(work)]
    both = len(ids[0].items() & ids[1].items())
    print(f"\nKept by us {len(ids[0]):,}, by the loop {len(ids[1]):,}; by both with the same text {both:,}.")


def _table(title: str, posts: int, ours: list[Measured], naive: list[Measured]) -> None:
    ratios = [theirs.seconds / mine.seconds for mine, theirs in zip(ours, naive, strict=True)]
    print(f"\n### {title}: {posts:,} posts, {len(ours)} rounds, medians\n")
    print("| | seconds | posts a second | peak MB |\n| --- | --- | --- | --- |")
    for name, runs in (("curation", ours), ("naive script", naive)):
        seconds = statistics.median(run.seconds for run in runs)
        megabytes = max(run.megabytes for run in runs)
        print(f"| {name} | {seconds:.2f} | {posts / seconds:,.0f} | {megabytes:,.0f} |")
    print(f"\nRatio of the speeds, round by round: {', '.join(f'{ratio:.2f}' for ratio in ratios)}.", flush=True)


def _together(runs: list[Measured]) -> Measured:
    return Measured(sum(run.seconds for run in runs), max(run.megabytes for run in runs), "")


def _kept(folder: Path) -> dict[str, str]:
    posts = pl.read_parquet(folder / "*.parquet", columns=["id", "text", "removed_by"])
    return dict(posts.filter(pl.col("removed_by").is_null()).select("id", "text").iter_rows())


def _bytes(archive: Path) -> int:
    return sum(path.stat().st_size for path in archive.rglob("*.js"))


def _one_member(archive: Path, times: int, out: Path) -> tuple[Path, int]:
    """The archive's posts, `times` over with other ids, as the one `tweets.js` of a zip; gives its size unpacked."""
    size = 0
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("data/tweets.js", "w", force_zip64=True) as member,
    ):
        before = b"window.YTD.tweets.part0 = ["
        for copy in range(times):
            for path in sorted(archive.rglob("data/js/tweets/*.js")):
                text = path.read_text(encoding="utf-8")
                for tweet in json.loads(text[text.index("=") + 1 :]):
                    tweet["id_str"] = f"{copy}{tweet['id_str']}"
                    size += member.write(before + json.dumps({"tweet": tweet}).encode())
                    before = b",\n"
        size += member.write(b"]")
    return out, size


if __name__ == "__main__":
    main()
