"""Exports beside a plain Python loop over the kept rows: time, memory, posts a second.

`python -m benchmarks.export WORKSPACE [--recipe baseline]` exports a corpus of the workspace in a copy of it. The loops
do what somebody would write in an afternoon: read the kept rows into dictionaries, decide on the side of each text by
its hash, write JSON. They have no groups, join no threads, keep no record and write half files when they are stopped.

An archive of one person has hardly a conversation whose both sides are there. So for conversations every answer gets
an invented parent: the post that somebody wrote just before it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.measure import Measured, command, curation
from curation.corpus.corpus import Corpus

COLUMNS = ["platform", "id", "author", "text", "created_at", "reply_to"]

#: What is exported: words for `curation export`, and the loop that it is laid beside.
EXPORTS = {
    "jsonl": ([], "posts"),
    "jsonl, split at random": (["--valid", "0.1"], "split"),
    "jsonl, split at random, near copies apart": (["--valid", "0.1", "--near", "0"], "split"),
    "jsonl, split by time": (["--valid", "0.1", "--split", "time"], "split"),
    "jsonl, split by time, near copies apart": (["--valid", "0.1", "--split", "time", "--near", "0"], "split"),
    "jsonl, split by conversation": (["--valid", "0.1", "--split", "conversation"], "split"),
    "jsonl, capped": (["--cap", "author=20000", "--cap", "author/month=500"], "posts"),
    "prompt-completion": ([], "pairs"),
    "chat": ([], "pairs"),
    "chat, with valid": (["--valid", "0.1"], "pairs"),
}


def main() -> None:
    """Print the table, or be one of the loops that are measured as a process of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="with a corpus of the recipe; it is only read")
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--loop", choices=sorted({loop for _, loop in EXPORTS.values()}), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loop:
        loop(arguments.workspace, arguments.recipe, arguments.loop, arguments.out)
        return
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        folder = Path(name)
        space = folder / "workspace"
        answered = conversations(
            arguments.workspace / "curated" / arguments.recipe, space / "curated" / arguments.recipe
        )
        corpus = Corpus.open(space, arguments.recipe)
        [(posts,)] = corpus.rows("SELECT count(*) FROM posts WHERE removed_by IS NULL")
        print(f"{posts:,} kept posts, {answered:,} answers\n")
        print("| export | seconds | processor | MB | posts/s | the loop: seconds | MB | ratio |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        loops: dict[str, Measured] = {}
        for what, (words, naive) in EXPORTS.items():
            if naive not in loops:
                loops[naive] = command(
                    sys.executable, "-m", "benchmarks.export", str(space), "--recipe", arguments.recipe,
                    "--loop", naive, "--out", str(folder / "loop"),
                )  # fmt: skip
            format, out = what.partition(",")[0], folder / "out"
            found = curation(
                "export", arguments.recipe, "--format", format, *words, "--data", str(space), "--out", str(out)
            )
            shutil.rmtree(out)
            other = loops[naive]
            print(
                f"| {what} | {found.seconds:.1f} | {found.cpu:.1f} | {found.megabytes:.0f} | "
                f"{posts / found.seconds:,.0f} | {other.seconds:.1f} | {other.megabytes:.0f} | "
                f"{other.seconds / found.seconds:.2f} |"
            )


def conversations(corpus: Path, place: Path) -> int:
    """Copy a corpus with an invented parent for every answer; gives the number of answers."""
    place.mkdir(parents=True)
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    posts = pl.concat([pl.read_parquet(corpus / name) for name in manifest["files"]]).sort(
        "created_at", "platform", "id"
    )
    posts = posts.with_columns(reply_to=pl.when("is_reply").then(pl.col("id").shift(1).over("platform")))
    posts.write_parquet(place / "part-00000.parquet", row_group_size=65_536)
    (place / "manifest.json").write_text(json.dumps({**manifest, "files": ["part-00000.parquet"]}), encoding="utf-8")
    return posts["reply_to"].count()


def kept(workspace: Path, recipe: str) -> Iterator[dict]:
    """The kept rows, as a script would read them."""
    for path in sorted((workspace / "curated" / recipe).glob("*.parquet")):
        rows = pl.read_parquet(path).filter(pl.col("removed_by").is_null()).select(COLUMNS)
        yield from rows.iter_rows(named=True)


def loop(workspace: Path, recipe: str, what: str, out: Path) -> None:
    """What a user would write."""
    out.mkdir(exist_ok=True)
    posts = sorted(kept(workspace, recipe), key=lambda post: (post["author"], str(post["created_at"]), post["id"]))
    by_id = {(post["platform"], post["id"]): post for post in posts} if what == "pairs" else {}
    with (out / "train.jsonl").open("w", encoding="utf-8") as train, (out / "valid.jsonl").open("w") as valid:
        for post in posts:
            record = {name: post[name] for name in ("id", "author", "text")} | {"created_at": str(post["created_at"])}
            if what == "pairs":
                parent = by_id.get((post["platform"], post["reply_to"]))
                if not parent:
                    continue
                record["prompt"] = parent["text"]
            side = train
            if what == "split":
                digest = hashlib.md5(" ".join(post["text"].casefold().split()).encode(), usedforsecurity=False).digest()
                side = valid if digest[0] < 26 else train
            side.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
