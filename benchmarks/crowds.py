"""Near-duplicates where nearly all posts are alike, and where one author fills in templates.

`python -m benchmarks.crowds [--posts N]` prints the table. All posts are invented and seeded:

- *nearly alike*: one sentence with a few letters changed, others in every post;
- *templates*: five sentences with names, places and numbers filled in, as an application of one author posts them;
- *articles*: texts of 500 words each, which are not alike but share so many letters that they meet in buckets.

Each set is searched in three sizes, which shows how the time grows. The result is checked against all pairs: each of a
sample of the posts that stay is compared with every other post that stays.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from curation.functions.exchange import Exchange
from curation.sameness import find
from curation.sameness.similarity import similarities
from curation.sql import database, literal

THRESHOLD = 0.7
#: Posts that stay and are compared with all others that stay.
SAMPLED = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SENTENCE = "the old ferry leaves the northern harbour at nine every foggy autumn morning while we drink our tea on deck"
TEMPLATES = (
    "{name} just walked {number} km around {place} in {number} minutes and feels {word} {word}",
    "now playing {word} {word} by {name} on station {number}, requested from {place}",
    "weather in {place}: {number} degrees, wind {number} km/h, {word} until {number} o'clock",
    "{name} is at {place} with {name} and {number} others, ordering {word} {word} {word}",
    "sold {number} {word} {word} to {name} of {place} for {number} coins, thanks {name}",
)


def nearly_alike(count: int) -> list[str]:
    """One sentence, with one to four letters changed, and in one of twenty posts up to eight."""
    draw, texts = random.Random(1), []
    for _ in range(count):
        letters = list(SENTENCE)
        for _ in range(draw.randint(1, 8 if draw.random() < 0.05 else 4)):
            letters[draw.randrange(len(letters))] = draw.choice(LETTERS)
        texts.append("".join(letters))
    return texts


def templated(count: int) -> list[str]:
    """Filled-in templates: thousands of names and places, and any numbers."""
    draw = random.Random(2)

    def words(many: int, least: int, most: int) -> list[str]:
        return ["".join(draw.choices(LETTERS, k=draw.randint(least, most))) for _ in range(many)]

    names, places, others = words(2_000, 4, 12), words(1_000, 5, 14), words(500, 3, 9)
    kinds: dict[str, Callable[[], str]] = {
        "{name}": lambda: draw.choice(names),
        "{place}": lambda: draw.choice(places),
        "{word}": lambda: draw.choice(others),
        "{number}": lambda: str(draw.randint(0, 99_999)),
    }
    texts = []
    for _ in range(count):
        text = draw.choice(TEMPLATES)
        for kind, value in kinds.items():
            while kind in text:
                text = text.replace(kind, value(), 1)
        texts.append(text)
    return texts


def articles(count: int) -> list[str]:
    """Texts of words that are as unevenly frequent as those of a language, of letters that are, too."""
    draw = random.Random(1)
    letters = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvk"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (place + 3) for place in range(len(words))]
    return [" ".join(draw.choices(words, weights=weights, k=500)) for _ in range(count)]


@contextlib.contextmanager
def candidates(texts: list[str]) -> Iterator[Exchange]:
    """What an engine gives the rule, of the posts of one author."""
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        spill, path = Path(folder) / "spill", Path(folder) / "candidates.parquet"
        spill.mkdir()
        pl.DataFrame({"canonical": texts}).with_row_index("row").write_parquet(path)
        with contextlib.closing(database.connect(memory_limit="500MB", spill=Path(folder) / "database")) as connection:
            connection.execute(
                f"""
                CREATE VIEW candidates AS
                SELECT 'mira' AS key, canonical, CAST(row AS BIGINT) AS preference, NULL::TIMESTAMPTZ AS created_at,
                       'x' AS platform, CAST(row AS VARCHAR) AS id, 0::INTEGER AS part, CAST(row AS BIGINT) AS row
                FROM read_parquet({literal(str(path))})
                """
            )
            yield Exchange(connection, Path(folder) / "marks.parquet", spill, 300_000_000, 2)


def missed(texts: list[str], gone: set[int]) -> tuple[int, int]:
    """Of a sample of the posts that stay: the pairs with any other that stays, and those that are similar."""
    stay = np.array([place for place in range(len(texts)) if place not in gone])
    sample = np.array(random.Random(3).sample(stay.tolist(), min(SAMPLED, len(stay))))
    pairs = similar = 0
    for at in range(0, len(stay), 8_000):
        others = stay[at : at + 8_000]
        part = [texts[place] for place in others]
        for post in sample.tolist():
            every = np.column_stack((np.zeros(len(part), dtype=np.int64), np.arange(1, len(part) + 1)))
            values = similarities([texts[post], *part], every)
            different = np.array([texts[post] != text for text in part])
            pairs += int(different.sum())
            similar += int((values[different] >= THRESHOLD).sum())
    return pairs, similar


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--posts", type=int, default=300_000, help="posts that are nearly alike; a third are templated, 1/150 articles"
    )
    posts = parser.parse_args().posts
    sets = (("nearly alike", nearly_alike, 1), ("templates", templated, 3), ("articles", articles, 150))
    print("| posts | | CPU seconds | per 100,000 | pairs verified | stay | pairs of a sample | similar, but missed |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, make, part in sets:
        largest = posts // part
        every = make(largest)
        for count in (largest // 10, largest // 3, largest):
            texts = every[:count]
            with candidates(texts) as exchange:
                began = time.process_time()
                result = find.find_near_duplicates(exchange, threshold=THRESHOLD)
                seconds = time.process_time() - began
                marks = f"SELECT row FROM read_parquet({literal(str(exchange.out))})"
                gone = {row for (row,) in exchange.connection.execute(marks).fetchall()}
            pairs, similar = missed(texts, gone)
            print(
                f"| {count:,} | {name} | {seconds:.1f} | {seconds / count * 1e5:.2f} | {result.verified:,} | "
                f"{count - len(gone):,} | {pairs:,} | {similar:,} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
