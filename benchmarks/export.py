"""Exports beside a plain Python loop over the kept rows: time, memory, posts a second.

`python -m benchmarks.export WORKSPACE [--recipe baseline]` exports a corpus of the workspace in a copy of it. The loops
do what somebody would write in an afternoon: read the kept rows into dictionaries, decide on the side of each text by
its hash, write JSON. They have no groups, join no threads, keep no record and write half files when they are stopped.
They look for no near copies. Of an export that does, the first one searches, and the next ones know; both are measured.

`--times 10` takes each post ten times, each time with its letters exchanged for others, so that the corpus has ten
times the posts and no more copies among each of them than before. With `--alike` it has one word more instead, so it
is a near copy of all the others.

An archive of one person has hardly a conversation whose both sides are there. So for conversations every answer gets
an invented parent: the post that somebody wrote just before it.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import random
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
    "jsonl, split at random": (["--valid", "0.1", "--near", "0"], "split"),
    "jsonl, split at random, near copies together": (["--valid", "0.1"], "split"),
    "jsonl, split at random, near copies known": (["--valid", "0.1"], "split"),
    "jsonl, split by time": (["--valid", "0.1", "--split", "time", "--near", "0"], "split"),
    "jsonl, split by time, near copies known": (["--valid", "0.1", "--split", "time"], "split"),
    "jsonl, split by conversation": (["--valid", "0.1", "--split", "conversation", "--near", "0"], "split"),
    "jsonl, split by conversation, near copies known": (["--valid", "0.1", "--split", "conversation"], "split"),
    "jsonl, capped": (["--cap", "author=20000", "--cap", "author/month=500"], "posts"),
    "prompt-completion": ([], "pairs"),
    "chat": ([], "pairs"),
    "chat, with valid, near copies known": (["--valid", "0.1"], "pairs"),
    "jsonl, text, lines, parquet, chat, split, near copies known": (
        ["--format", "text", "--format", "lines", "--format", "parquet", "--format", "chat", "--valid", "0.1"], "split",
    ),
}  # fmt: skip


def main() -> None:
    """Print the table, or be one of the loops that are measured as a process of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="with a corpus of the recipe; it is only read")
    parser.add_argument("--recipe", default="baseline")
    parser.add_argument("--times", type=int, default=1, help="how often each post is there")
    parser.add_argument("--alike", action="store_true", help="each time with one word more, not with other letters")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is printed")
    parser.add_argument("--only", nargs="*", help="beginnings of the names of exports")
    parser.add_argument("--loop", choices=sorted({loop for _, loop in EXPORTS.values()}), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loop:
        loop(arguments.workspace, arguments.recipe, arguments.loop, arguments.out)
        return
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as name:
        folder = Path(name)
        space = folder / "workspace"
        place = space / "curated" / arguments.recipe
        answered = conversations(
            arguments.workspace / "curated" / arguments.recipe, place, arguments.times, alike=arguments.alike
        )
        corpus = Corpus.open(space, arguments.recipe)
        [(posts,)] = corpus.rows("SELECT count(*) FROM posts WHERE removed_by IS NULL")
        print(f"{posts:,} kept posts, {answered:,} answers\n")
        print("| export | seconds | processor | MB | the loop: seconds | processor | MB | ratio of processor times |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for what, (words, naive) in EXPORTS.items():
            if arguments.only and not what.startswith(tuple(arguments.only)):
                continue
            rounds = []
            for _ in range(arguments.rounds):  # one after the other, since the machine may be busy
                other = command(
                    sys.executable, "-m", "benchmarks.export", str(space), "--recipe", arguments.recipe,
                    "--loop", naive, "--out", str(folder / "loop"),
                )  # fmt: skip
                if not what.endswith("known"):
                    shutil.rmtree(place / ".near", ignore_errors=True)
                rounds.append((other, exported(space, arguments.recipe, what.partition(",")[0], words, folder / "out")))
            other, ours = sorted(rounds, key=lambda pair: pair[0].cpu / pair[1].cpu)[len(rounds) // 2]
            print(
                f"| {what} | {ours.seconds:.1f} | {ours.cpu:.1f} | {ours.megabytes:.0f} | {other.seconds:.1f} | "
                f"{other.cpu:.1f} | {other.megabytes:.0f} | {other.cpu / ours.cpu:.2f} |",
                flush=True,
            )


def exported(space: Path, recipe: str, format: str, words: list[str], out: Path) -> Measured:
    """An export as a user starts it."""
    ours = curation("export", recipe, "--format", format, *words, "--data", str(space), "--out", str(out))
    shutil.rmtree(out)
    return ours


def conversations(corpus: Path, place: Path, times: int = 1, *, alike: bool = False) -> int:
    """Copy a corpus with an invented parent for every answer; gives the number of answers.

    Each of several `times` has other ids and other letters, or one word more.
    """
    place.mkdir(parents=True)
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    posts = pl.concat([pl.read_parquet(corpus / name) for name in manifest["files"]]).sort(
        "created_at", "platform", "id"
    )
    posts = posts.with_columns(reply_to=pl.when("is_reply").then(pl.col("id").shift(1).over("platform")))
    names = [f"part-{number:05}.parquet" for number in range(times)]
    ids = ("id", "reply_to", "conversation_id", "duplicate_of")
    for number, name in enumerate(names):
        changed = posts.with_columns(
            *((pl.lit(f"{number}x") + pl.col(column)).alias(column) for column in ids),
            pl.col("text") + f" q{'abcdefghijklmnopqrstuvwxyz'[number % 26]}{number}"
            if alike
            else pl.Series("text", [text.translate(letters(number)) for text in posts["text"]]),
        )
        (changed if number else posts).write_parquet(place / name, row_group_size=65_536)
    counts = {**manifest["counts"], "kept": manifest["counts"]["kept"] * times}
    (place / "manifest.json").write_text(json.dumps({**manifest, "files": names, "counts": counts}), encoding="utf-8")
    return posts["reply_to"].count() * times


@functools.cache
def letters(number: int) -> dict[int, int]:
    """Other letters of the same script for each letter, at random."""
    draw = random.Random(number)
    scripts = ["abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "0123456789"]
    scripts += ["".join(map(chr, range(*ends))) for ends in ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x4E00, 0x9FA5))]
    changed: dict[int, int] = {}
    for script in scripts:
        others = draw.sample(script, len(script))
        for one, other in zip(script, others, strict=True):
            changed |= {ord(one): ord(other), ord(one.upper()): ord(other.upper())}
    return changed


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
