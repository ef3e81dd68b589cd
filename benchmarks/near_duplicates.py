"""Near-duplicates: what is found of what is there, how fast, in how much memory, and what people say of it.

`python -m benchmarks.near_duplicates DATA [--posts N] [--many N]` prints the tables. DATA holds some of the sets
below, each unpacked under its name; those that are missing are left out, and said.

- *All pairs* of posts, as a sparse product, are what the search is measured against.
- datasketch (MinHash with as many permutations, LSH with the same bands, every candidate verified by sets of
  shingles) gets the same canonical texts. Both work in one process.
- The many are real posts over and over, in each copy with other letters for every letter, and one post in five with a
  word changed instead; so nearly every fifth post is a near-duplicate, and most have none.

Needs datasketch and scipy.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import command, curation
from curation.functions.exchange import Exchange
from curation.sameness import find, rounds
from curation.sameness.all_pairs import Sketches
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.pairs import ends as ends_of
from curation.sameness.pairs import every_bucket
from curation.sameness.shingles import shingles
from curation.sameness.signatures import BANDS, rows_for, signatures, version
from curation.sameness.similarity import similarities
from curation.sameness.store import Stored
from curation.sql import database, literal

ARCHIVES = ("grailbird-masawada-ja", "grailbird-cogdog-en", "grailbird-frankmeeuwsen-nl", "grailbird-saviomd-pt")
POSTS_OF = {"Arabic": "arabic", "Hindi in Latin letters": "hindi", "German": "german"}
THRESHOLD = 0.7
#: Posts that datasketch gets; its time grows with their number.
SKETCHED = 4_000


def main() -> None:
    """Print all tables, or do one of the searches that are measured as a process of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--posts", type=int, default=20_000, help="posts that are compared with all others")
    parser.add_argument("--many", type=int, default=1_000_000, help="posts of the large search")
    parser.add_argument("--search", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search:
        print(json.dumps(search(arguments.data, arguments.search)))
        return
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        sets = real_posts(arguments.data, Path(folder))
        if sets:
            print(f"Signatures: {version(rows_for(THRESHOLD))}.")
            texts = mixed(sets, arguments.posts)
            against_all_pairs("real posts", texts)
            against_all_pairs("posts, each second one a copy with words changed,", copied(texts))
            against_datasketch(texts[:SKETCHED])
            many(sets, arguments.many, Path(folder))
        annotators(arguments.data / "twitter-url-corpus")


def real_posts(data: Path, work: Path) -> dict[str, list[str]]:
    """Different canonical texts that are long enough, by set."""
    texts: dict[str, list[str]] = {}
    for name in ARCHIVES:
        if missing(data / name):
            continue
        curation("collect", "x-archive", str(data / name), "--data", str(work / name), "--json")
        texts[name] = pl.read_parquet(work / name / "raw" / "**" / "*.parquet", columns=["text"])["text"].to_list()
    for name, folder in POSTS_OF.items():
        path = data / "xlm-t-8lang" / "data" / "sentiment" / folder
        if not missing(path):
            files = sorted(path.glob("*_text.txt"))
            texts[name] = [line for file in files for line in file.read_text(encoding="utf-8").split("\n")]
    return {name: long_enough(every) for name, every in texts.items()}


def missing(path: Path) -> bool:
    """Whether a set is not there; says so."""
    if not path.exists():
        print(f"Left out, since it is not there: {path}", file=sys.stderr)
    return not path.exists()


def canonical_texts(texts: list[str]) -> list[str]:
    """The canonical form of each."""
    connection = database.connect(threads=1)
    SHORTEN_REPETITIONS.register(connection)
    connection.register("posts", pl.DataFrame({"text": texts}).with_row_index("number").to_arrow())
    return connection.sql(f"SELECT {canonical('text')} AS text FROM posts ORDER BY number").pl()["text"].to_list()


def long_enough(texts: list[str]) -> list[str]:
    """Their different canonical forms but for the short ones."""
    return [text for text in dict.fromkeys(canonical_texts(texts)) if len(text) >= find.SHORTEST]


def mixed(sets: dict[str, list[str]], posts: int) -> list[str]:
    """So many different texts, of every set as many as it has or as are needed, in any order."""
    draw, texts = random.Random(1), []
    for left, (_, every) in zip(range(len(sets), 0, -1), sorted(sets.items(), key=lambda s: len(s[1])), strict=True):
        # Neighbours in time, among which more are alike than among posts of ten years.
        begin = draw.randrange(max(1, len(every) - (posts - len(texts)) // left))
        texts += every[begin : begin + (posts - len(texts)) // left]
    texts = list(dict.fromkeys(texts))
    draw.shuffle(texts)
    return texts


def copied(texts: list[str]) -> list[str]:
    """As many texts, of which every second is the one before it with one to four words replaced by others' words."""
    draw, copies = random.Random(3), []
    for text in texts[: len(texts) // 2]:
        # Where no blanks are written, three letters are a word.
        words = text.split(" ") if text.isascii() else [text[at : at + 3] for at in range(0, len(text), 3)]
        glue = " " if text.isascii() else ""
        for _ in range(draw.randint(1, 4)):
            words[draw.randrange(len(words))] = draw.choice(draw.choice(texts).split(" "))[:8]
        copies += [text, glue.join(words)]
    return copies


def all_pairs(texts: list[str], threshold: float) -> np.ndarray:
    """Every pair whose similarity is at least the threshold, as `lesser << 32 | greater`, ascending."""
    from scipy import sparse

    every = shingles(texts)
    kinds, kind = np.unique(every.hashes, return_inverse=True)
    owner = np.repeat(np.arange(len(texts)), every.counts)
    table = sparse.csr_matrix((np.ones(len(kind), np.int32), (owner, kind)), shape=(len(texts), len(kinds)))
    table.data[:] = 1
    sizes, turned, found = np.asarray(table.sum(1)).ravel(), table.T.tocsr(), []
    for begin in range(0, len(texts), 500):
        shared = (table[begin : begin + 500] @ turned).tocoo()
        one, other = shared.row.astype(np.int64) + begin, shared.col.astype(np.int64)
        alike = (one < other) & (shared.data / (sizes[one] + sizes[other] - shared.data) >= threshold)
        found.append((one[alike] << 32 | other[alike]).astype(np.uint64))
    return np.sort(np.concatenate(found))


def our_pairs(texts: list[str], threshold: float, folder: Path) -> tuple[np.ndarray, int]:
    """The pairs that the search would find among texts all of which stay, and how many it verifies for that."""
    stored = Stored.empty(folder, len(texts))
    stored.put(0, signatures(texts, rows_for(threshold)))
    everyone, begins = np.arange(len(texts)), np.zeros(1, dtype=np.int64)
    sketches = Sketches(stored.sketches(in_memory=True), stored.counts(), threshold)
    codes = [
        pairs
        for _, buckets in every_bucket(stored, everyone, begins, 1 << 30)
        for pairs in buckets.possible(rounds.FIRST, rounds.BEFORE, sketches)
    ]
    pairs = np.unique(np.concatenate(codes))
    found = []
    for begin in range(0, len(pairs), find.PAIRS_AT_ONCE):
        some = pairs[begin : begin + find.PAIRS_AT_ONCE]
        members, where = np.unique(np.concatenate(ends_of(some)), return_inverse=True)
        alike = similarities([texts[member] for member in members], where.reshape(2, -1).T) >= threshold
        found.append(some[alike])
    return np.concatenate(found), len(pairs)


def against_all_pairs(what: str, texts: list[str]) -> None:
    """Recall and precision."""
    print(f"\n### {len(texts):,} {what} against all {len(texts) * (len(texts) - 1) // 2:,} pairs\n")
    print("| similarity | pairs by all pairs | found | recall | precision | pairs verified |")
    print("| --- | --- | --- | --- | --- | --- |")
    for threshold in (0.7, 0.8, 0.9):
        expected = all_pairs(texts, threshold)
        with tempfile.TemporaryDirectory() as folder:
            found, verified = our_pairs(texts, threshold, Path(folder))
        right = len(np.intersect1d(found, expected))
        print(
            f"| ≥ {threshold} | {len(expected):,} | {right:,} | {right / max(len(expected), 1):.4f} | "
            f"{right / max(len(found), 1):.4f} | {verified:,} |",
            flush=True,
        )


def against_datasketch(texts: list[str]) -> None:
    """Posts a second of both, in one process."""
    from datasketch import MinHash, MinHashLSH

    rows = rows_for(THRESHOLD)
    began = time.process_time()
    index, sets, theirs = MinHashLSH(params=(BANDS, rows), num_perm=BANDS * rows), [], set()
    for number, text in enumerate(texts):
        letters = "".join(letter for letter in text if letter.isalnum())
        sets.append({letters[place : place + 3] for place in range(len(letters) - 2)})
        sketch = MinHash(num_perm=BANDS * rows)
        sketch.update_batch([shingle.encode() for shingle in sets[-1]])
        for other in index.query(sketch):
            shared = len(sets[number] & sets[other])
            if shared >= THRESHOLD * (len(sets[number]) + len(sets[other]) - shared):
                theirs.add((other, number))
        index.insert(number, sketch)
    theirs_seconds = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        ours, _ = our_pairs(texts, THRESHOLD, Path(folder))
        ours_seconds = time.process_time() - began
    print(f"\n### Against datasketch: {len(texts):,} posts, {BANDS * rows} permutations\n")
    print("| | CPU seconds | posts a second | pairs found |\n| --- | --- | --- | --- |")
    print(f"| curation | {ours_seconds:.2f} | {len(texts) / ours_seconds:,.0f} | {len(ours):,} |")
    print(f"| datasketch | {theirs_seconds:.2f} | {len(texts) / theirs_seconds:,.0f} | {len(theirs):,} |")
    print(f"\nRatio of the speeds: {theirs_seconds / ours_seconds:.0f}.", flush=True)


def many(sets: dict[str, list[str]], posts: int, work: Path) -> None:
    """Time and memory of a hundred thousand posts and of many."""
    print("\n### The whole search, by anybody, a database of 500 MB and 300 MB beside it\n")
    print("| posts | seconds | CPU seconds | CPU seconds per 100,000 | peak MB | MB on disk | verified | removed |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    every = [text for texts in sets.values() for text in texts]
    for count in sorted({min(100_000, posts), posts}):
        folder = work / f"many-{count}"
        folder.mkdir()
        repeated(every, count, folder / "candidates.parquet")
        taken = command(sys.executable, "-m", "benchmarks.near_duplicates", str(folder), "--search", str(count))
        found = json.loads(taken.stdout)
        print(
            f"| {count:,} | {found['seconds']:.1f} | {found['cpu']:.1f} | {found['cpu'] / count * 1e5:.2f} | "
            f"{taken.megabytes:,.0f} | {found['disk'] / 1e6:,.0f} | {found['verified']:,} | {found['removed']:,} |",
            flush=True,
        )


def repeated(every: list[str], count: int, path: Path) -> None:
    """So many candidates: the posts over and over, with other letters or another word."""
    draw, texts = random.Random(2), []
    order = list(range(len(every)))
    draw.shuffle(order)
    for number in range(count):
        text = every[order[number % len(order)]]
        copy = number // len(order)
        if draw.random() < 0.2:
            words = text.split(" ")
            words[draw.randrange(len(words))] = "changed"
            text = " ".join(words)
        elif copy:
            text = "".join(chr(ord(letter) + copy) if letter.isalpha() else letter for letter in text)
        texts.append(text)
    pl.DataFrame({"canonical": texts}).with_row_index("row").write_parquet(path)


def search(folder: Path, count: int) -> dict[str, float]:
    """One search of `count` candidates; what it took."""
    spill = folder / "spill"
    spill.mkdir()
    connection = database.connect(memory_limit="500MB", spill=folder / "database")
    connection.execute(
        f"""
        CREATE VIEW candidates AS
        SELECT 'anybody' AS key, canonical, CAST(row AS BIGINT) AS preference, CAST(NULL AS TIMESTAMPTZ) AS created_at,
               'x' AS platform, CAST(row AS VARCHAR) AS id, CAST(0 AS INTEGER) AS part, CAST(row AS BIGINT) AS row
        FROM read_parquet({literal(str(folder / "candidates.parquet"))})
        """
    )
    exchange = Exchange(connection, folder / "marks.parquet", spill, 300_000_000, 2)
    began, cpu = time.perf_counter(), time.process_time()
    found = find.find_near_duplicates(exchange, threshold=THRESHOLD)
    removed = connection.sql(f"SELECT count(*) FROM read_parquet({literal(str(exchange.out))})").fetchall()[0][0]
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "disk": sum(path.stat().st_size for path in spill.iterdir()),
        "verified": found.verified,
        "removed": removed,
    }


def annotators(folder: Path) -> None:
    """Share of the annotated pairs that are merged, by how many of six people call them paraphrases."""
    files = [] if missing(folder) else sorted(folder.glob("*.txt"))
    rows = [line.split("\t") for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]
    if not rows:
        return
    votes = np.array([int(row[2].strip("()").split(",")[0]) for row in rows])
    texts = canonical_texts([text for row in rows for text in row[:2]])
    similarity = similarities_of_all(texts)
    print(f"\n### {len(rows):,} annotated pairs: share merged, by annotators of six who call them paraphrases\n")
    print("| threshold | " + " | ".join(map(str, range(7))) + " | merged | of them ≥ 4 of 6 | of them ≤ 2 of 6 |")
    print("| --- " * 11 + "|")
    for threshold in (0.6, 0.7, 0.8, 0.9):
        merged = similarity >= threshold
        shares = " | ".join(f"{merged[votes == number].mean():.2%}" for number in range(7))
        print(
            f"| {threshold} | {shares} | {merged.sum()} | {(votes[merged] >= 4).mean():.1%} | "
            f"{(votes[merged] <= 2).mean():.1%} |"
        )


def similarities_of_all(texts: list[str]) -> np.ndarray:
    """The similarity of every two neighbours, as the rule judges them: short texts are the same or are not."""
    found = []
    for begin in range(0, len(texts), 4096):
        some = texts[begin : begin + 4096]
        pairs = np.arange(len(some)).reshape(-1, 2)
        short = np.array([min(len(some[a]), len(some[b])) < find.SHORTEST for a, b in pairs])
        equal = np.array([some[a] == some[b] for a, b in pairs])
        found.append(np.where(short, equal, similarities(some, pairs)))
    return np.concatenate(found)


if __name__ == "__main__":
    main()
