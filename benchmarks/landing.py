"""Landing files of every kind beside a naive loop: processor time and peak memory, each in a process of its own.

`python -m benchmarks.landing [DATA] [--posts N] [--rounds N]` lands invented posts as JSON lines, a list, a wrapped
document, tables and what packs them, and the archives of X that lie in DATA. The loop beside it is what somebody would
write: `json.loads` or `csv.reader`, the six columns that matter, one `pyarrow` table. It keeps no record, knows no id,
compares with nothing, and holds everything in memory.

The machine may be busy, so processor seconds are compared and not the clock, round by round.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.json as pa_json
import pyarrow.parquet as pq
import zstandard

from benchmarks.measure import Measured, command, curation

BEGAN = datetime(2012, 1, 1, tzinfo=UTC)
WORDS = ("river", "carries", "small", "boats", "under", "old", "bridges", "川", "мост", "جسر", "สะพาน", "café", "the")
#: X counts milliseconds from here, in the upper bits of an id.
_X_BEGAN = 1_288_834_974_657
_COLUMNS = ("id", "author", "created_at", "text", "lang", "like_count")
#: Other names of these columns, in what is landed here.
_NAMES = {"id": ("id", "tweet_id"), "created_at": ("created_at", "date"), "text": ("text", "content", "full_text"),
          "like_count": ("like_count", "likeCount")}  # fmt: skip


def main() -> None:
    """Measure each kind, or be the loop that is measured beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="a folder with archives of X, each unpacked under its name")
    parser.add_argument("--posts", type=int, default=200_000, help="invented posts in each file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", nargs=2, type=Path, metavar=("FILE", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.loop:
        loop(*arguments.loop)
        return
    print("| input | posts | CPU seconds | of the loop | peak MB | of the loop |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        work = Path(folder)
        for name, write in KINDS.items():
            path = work / name
            write(path, arguments.posts)
            measured("file", path, work, arguments.rounds)
            path.unlink()
        for months in sorted(arguments.data.rglob("data/js/tweets")) if arguments.data else ():
            archive = months.parents[2]
            name = str(archive.relative_to(arguments.data)).removeprefix(f"{archive.name}/")
            measured("x-archive", archive, work, arguments.rounds, name)


def measured(source: str, path: Path, work: Path, rounds: int, name: str = "") -> None:
    """Land one input and run the loop over it, in turns; prints a row of the table."""
    ours: list[Measured] = []
    naive: list[Measured] = []
    for _ in range(rounds):
        shutil.rmtree(work / "data", ignore_errors=True)
        ours.append(curation("collect", source, str(path), "--data", str(work / "data"), "--json"))
        out = str(work / "naive.parquet")
        beside = ("benchmarks.landing", "--loop") if source == "file" else ("benchmarks.naive_landing",)
        naive.append(command(sys.executable, "-m", *beside, str(path), out))
    ratio = statistics.median(mine.cpu / theirs.cpu for mine, theirs in zip(ours, naive, strict=True))
    memory, other = (max(run.megabytes for run in runs) for runs in (ours, naive))
    cpu, landed = statistics.median(run.cpu for run in ours), json.loads(ours[-1].stdout)["landed"]
    print(
        f"| {name or path.name} | {landed:,} | {cpu:.1f} | {ratio:.2f} | {memory:.0f} | {memory / other:.2f} |",
        flush=True,
    )


def loop(path: Path, out: Path) -> None:
    """What a user would write."""
    rows = list(_rows(path))
    columns = {name: [_value(row, name) for row in rows] for name in _COLUMNS}
    pq.write_table(pa.table({name: list(map(_text, values)) for name, values in columns.items()}), out)


def _rows(path: Path) -> Iterator[dict]:
    if path.suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
    elif path.suffix == ".zst":
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            names, *cells = csv.reader(file)
        yield from (dict(zip(names, row, strict=True)) for row in cells)
    elif path.suffix == ".json":
        whole = json.loads(path.read_text(encoding="utf-8"))
        yield from whole["records"] if isinstance(whole, dict) else whole
    else:
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _value(row: dict, column: str) -> object:
    if column == "author" and isinstance(row.get("user"), dict):
        return row["user"]["username"]
    return next((row[name] for name in _NAMES.get(column, (column,)) if name in row), None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# ---- invented posts


def plain(number: int) -> dict:
    """A post by the usual names."""
    words = [WORDS[number * step % len(WORDS)] for step in (3, 5, 7, 11, 17, 19, 23, 29)]
    return {
        "id": str(10**9 + number),
        "author": "ada",
        "created_at": (BEGAN + timedelta(minutes=7 * number)).isoformat(),
        "text": f"{' '.join(words)} {number} #{words[2]} https://example.org/{number}",
        "lang": "en",
        "like_count": number % 50,
        "is_retweet": False,
        "in_reply_to_status_id": None,
    }


def snscrape(number: int) -> dict:
    """The same post as snscrape writes it, with what nobody reads."""
    post = plain(number)
    time = BEGAN + timedelta(minutes=7 * number)
    post_id = (int(time.timestamp() * 1000) - _X_BEGAN << 22) + number % 4096
    user = {"_type": "snscrape.modules.twitter.User", "username": "ada", "id": 5, "displayname": "Ada",
            "description": "writes", "created": BEGAN.isoformat(), "followersCount": 10, "location": ""}  # fmt: skip
    return {
        "_type": "snscrape.modules.twitter.Tweet", "url": f"https://twitter.com/ada/status/{post_id}",
        "date": post["created_at"], "content": post["text"], "renderedContent": post["text"], "id": post_id,
        "user": user, "replyCount": number % 3, "retweetCount": number % 5, "likeCount": number % 50,
        "quoteCount": 0, "conversationId": post_id, "lang": "en", "sourceLabel": "Twitter Web Client",
        "source": '<a href="http://twitter.com" rel="nofollow">Twitter Web Client</a>', "outlinks": None,
        "media": None, "retweetedTweet": None, "quotedTweet": None, "inReplyToTweetId": None, "inReplyToUser": None,
        "mentionedUsers": None, "coordinates": None, "place": None, "hashtags": ["x"], "cashtags": None,
    }  # fmt: skip


Post = Callable[[int], dict]


def _lines(post: Post) -> Callable[[Path, int], None]:
    def write(path: Path, posts: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(post(number), ensure_ascii=False) + "\n" for number in range(posts))

    return write


def _document(begin: str, post: Post, end: str) -> Callable[[Path, int], None]:
    def write(path: Path, posts: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write(begin)
            for number in range(posts):
                file.write(("," if number else "") + json.dumps(post(number), ensure_ascii=False))
            file.write(end)

    return write


def _table(form: str) -> Callable[[Path, int], None]:
    def write(path: Path, posts: int) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["tweet_id", "author", "created_at", "text", "lang", "like_count"])
            for post in map(plain, range(posts)):
                time = datetime.fromisoformat(post["created_at"]).strftime(form)
                writer.writerow([post["id"], post["author"], time, post["text"], post["lang"], post["like_count"]])

    return write


def _packed(path: Path, posts: int) -> None:
    bare = path.with_suffix("")
    _lines(snscrape)(bare, posts)
    with bare.open("rb") as source, path.open("wb") as packed:
        zstandard.ZstdCompressor().copy_stream(source, packed)
    bare.unlink()


def _columnar(path: Path, posts: int) -> None:
    bare = path.with_suffix(".jsonl")
    _lines(plain)(bare, posts)
    pq.write_table(pa_json.read_json(bare), path)
    bare.unlink()


#: Name of the file, and what writes it.
KINDS: dict[str, Callable[[Path, int], None]] = {
    "snscrape.jsonl": _lines(snscrape),
    "snscrape-list.json": _document("[", snscrape, "]"),
    "snscrape.jsonl.zst": _packed,
    "plain.jsonl": _lines(plain),
    "wrapped.json": _document('{"exported": "2024-01-01", "records": [', plain, '], "count": 1}'),
    "plain.parquet": _columnar,
    "iso-dates.csv": _table("%Y-%m-%d %H:%M:%S"),
    "day-month-dates.csv": _table("%d/%m/%Y %H:%M"),
}


if __name__ == "__main__":
    main()
