"""The 6-gram of `curation evaluate` beside the same in plain Python, in one process, on the same texts.

`python -m benchmarks.ngram [DATA] [--characters 400000 1000000] [--rounds 3]`. DATA is a folder with the sets, each
unpacked under its name; without it the texts are invented, of 5,000 words. Each round trains on
nine tenths of the texts and predicts the last tenth; both must give the same bits. Memory is what Python and NumPy take
at most (`tracemalloc`), in a round of its own, since to watch it slows Python down.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import naive_ngram
from benchmarks.measure import curation
from curation.training.evaluation.ngram import Grams, Ngram

SETS = ("grailbird-anildash-en", "grailbird-masawada-ja")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--characters", type=int, nargs="+", default=[400_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"\n### The 6-gram: {arguments.rounds} rounds, medians\n")
    print("| texts | characters | bytes | seconds | in Python | times | peak MB | in Python | bits per character |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, every in texts(arguments.data).items():
        for characters in arguments.characters:
            some = first(every, characters)
            if sum(map(len, some)) < 0.9 * characters:
                print(f"{name} has fewer than {characters:,} characters; left out.", file=sys.stderr)
                continue
            line(name, some, arguments.rounds)


def line(name: str, some: list[str], rounds: int) -> None:
    """Measure both and print a line of the table."""
    cut = len(some) * 9 // 10
    train, held_out = some[:cut], some[cut:]
    taken: dict[Callable[[list[str], list[str]], np.ndarray], list[float]] = {with_numpy: [], in_python: []}
    bits = {}
    for _ in range(rounds):
        for each, seconds in taken.items():
            began = time.perf_counter()
            bits[each] = each(train, held_out)
            seconds.append(time.perf_counter() - began)
    if not np.allclose(bits[with_numpy], bits[in_python], rtol=1e-9):
        raise SystemExit("The two do not give the same bits.")
    ours, theirs = (statistics.median(seconds) for seconds in taken.values())
    peaks = [peak(each, train, held_out) for each in taken]
    characters, size = sum(map(len, some)), sum(len(text.encode()) for text in some)
    per = bits[with_numpy].sum() / sum(map(len, held_out))
    print(
        f"| {name} | {characters:,} | {size:,} | {ours:.2f} | {theirs:.1f} | {theirs / ours:.1f} | {peaks[0]:,.0f} | "
        f"{peaks[1]:,.0f} | {per:.3f} |",
        flush=True,
    )


def with_numpy(train: list[str], held_out: list[str]) -> np.ndarray:
    """Bits of each held-out text, ours."""
    return Ngram.train(Grams.of(train)).bits(Grams.of(held_out))


def in_python(train: list[str], held_out: list[str]) -> np.ndarray:
    """The same in plain Python."""
    model = naive_ngram.Model(train)
    return np.array([model.bits(text) for text in held_out])


def peak(work: Callable[[list[str], list[str]], np.ndarray], train: list[str], held_out: list[str]) -> float:
    """Megabytes that are in use at most."""
    tracemalloc.start()
    try:
        work(train, held_out)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def texts(data: Path | None) -> dict[str, list[str]]:
    """Texts by the name of their set."""
    if data is None:
        return {"invented": invented()}
    sets = {}
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as work:
        for name in SETS:
            if not (data / name).exists():
                print(f"Left out, since it is not there: {data / name}", file=sys.stderr)
                continue
            space = Path(work) / name
            curation("collect", "x-archive", str(data / name), "--data", str(space), "--json")
            posts = pl.read_parquet(space / "raw" / "**" / "*.parquet", columns=["created_at", "text"])
            sets[name] = posts.sort("created_at")["text"].to_list()
    return sets


def invented() -> list[str]:
    """Posts of words that nobody uses."""
    draw = random.Random(1)
    words = ["".join(draw.choices("etaoinshrdlucmfwygpbvk", k=draw.randint(2, 9))) for _ in range(5_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return [" ".join(draw.choices(words, weights, k=draw.randint(5, 25))) for _ in range(20_000)]


def first(every: list[str], characters: int) -> list[str]:
    """The first texts, as many as have so many characters."""
    ends = np.cumsum(np.fromiter(map(len, every), np.int64, len(every)))
    return every[: int(np.searchsorted(ends, characters, side="right"))]


if __name__ == "__main__":
    main()
