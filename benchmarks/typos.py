"""Posts with typing errors: what is still found as a copy, by script, and beside three other tools.

`python -m benchmarks.typos [--posts N]` prints the tables. All posts are invented and seeded: words of random letters
of six scripts, 60 to 140 characters a post. Each has a copy in which 2, 5 or 10% of the characters are changed. A
change is one of five, drawn evenly: two neighbours swapped, a letter left out, a letter doubled, a letter replaced by
one that looks alike (elsewhere a zero-width joiner), a zero-width joiner put in. A copy counts as found if the tool
puts it with its own original.

datasketch and rensa get the lower-case text as sets of three characters, 128 permutations, the threshold 0.7. semhash
downloads its encoder; here it gets counts of three characters in 1,024 dimensions instead, and the cosine that equals
0.7. A tool that is not installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import unicodedata
import zlib
from collections.abc import Callable

import numpy as np
import polars as pl

from benchmarks.crowds import candidates
from curation.sameness import find
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.lookalikes import ALIKE
from curation.sql import database, literal

THRESHOLD = 0.7
JOINERS = "\u200b\u200c\u200d\u2060\ufeff"
KINDS = ("swap", "drop", "double", "look-alike", "joiner")
SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyz",
    "Cyrillic": "абвгдежзиклмнопрстуфхцчшыьэюя",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Devanagari": "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह",
    "Japanese": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよ"
    "らりるれろカロニタエ力口二夕工日月火水木金土山川田",
}
Tool = Callable[[list[str]], list[set[int]]]


def posts(script: str, count: int, draw: random.Random) -> list[str]:
    """Invented posts of one script."""
    letters, blank = SCRIPTS[script], "" if script == "Japanese" else " "
    texts = []
    for _ in range(count):
        words: list[str] = []
        length = draw.randint(60, 140)
        while sum(map(len, words)) + len(words) < length:
            words.append("".join(draw.choices(letters, k=draw.randint(2, 9))))
        texts.append(blank.join(words))
    return texts


def mistyped(text: str, rate: float, draw: random.Random, kinds: tuple[str, ...] = KINDS) -> str:
    """The text with so many of its characters changed."""
    letters = list(text)
    for place in sorted(draw.sample(range(len(text) - 1), round(rate * len(text))), reverse=True):
        kind = draw.choice(kinds)
        letter = letters[place]
        alike = next((other.replace(letter, "") for other in ALIKE if letter in other), "")
        if kind == "swap":
            letters[place : place + 2] = letters[place : place + 2][::-1]
        elif kind == "drop":
            del letters[place]
        elif kind == "double":
            letters[place] = letter * 2
        elif kind == "look-alike" and alike:
            letters[place] = draw.choice(alike)
        else:
            letters[place] = letter + draw.choice(JOINERS)
    return unicodedata.normalize("NFC", "".join(letters))


def ours(texts: list[str]) -> list[set[int]]:
    """What the rule removes each text for, through the canonical text."""
    connection = database.connect(threads=1)
    SHORTEN_REPETITIONS.register(connection)
    connection.register("posts", pl.DataFrame({"text": texts}).with_row_index("row").to_arrow())
    folded = connection.sql(f"SELECT {canonical('text')} AS text FROM posts ORDER BY row").pl()["text"].to_list()
    copies: list[set[int]] = [set() for _ in texts]
    with candidates(folded) as exchange:
        find.find_near_duplicates(exchange, threshold=THRESHOLD)
        marks = f"SELECT row, duplicate_of FROM read_parquet({literal(str(exchange.out))})"
        for row, other in exchange.connection.execute(marks).fetchall():
            copies[row].add(int(other))
    return copies


def grams(text: str) -> list[str]:
    """The runs of three characters of a text."""
    return [text[at : at + 3] for at in range(max(1, len(text) - 2))]


def datasketch(texts: list[str]) -> list[set[int]]:
    """MinHash and LSH of datasketch."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    index, copies = MinHashLSH(threshold=THRESHOLD, num_perm=128), []
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([gram.encode() for gram in {*grams(text.lower())}])
        copies.append({int(other) for other in index.query(sketch)})
        index.insert(number, sketch)
    return copies


def rensa(texts: list[str]) -> list[set[int]]:
    """MinHash and LSH of rensa."""
    from rensa import RMinHash, RMinHashLSH  # type: ignore[import-not-found]

    index, copies = RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=16), []
    for number, text in enumerate(texts):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(grams(text.lower()))
        copies.append({int(other) for other in index.query(sketch)})
        index.insert(number, sketch)
    return copies


class _Counts:
    """An encoder of counts of three characters, in place of the one that semhash downloads."""

    def encode(self, sentences: list[str], **_: object) -> np.ndarray:
        """A vector of each text."""
        vectors = np.zeros((len(sentences), 1024), dtype=np.float32)
        for row, text in enumerate(sentences):
            np.add.at(vectors[row], [zlib.crc32(gram.encode()) % 1024 for gram in grams(text.lower())], 1)
        return vectors


def semhash(texts: list[str]) -> list[set[int]]:
    """Counts of characters in semhash."""
    from semhash import SemHash  # type: ignore[import-not-found]

    place = {text: number for number, text in enumerate(texts)}
    index = SemHash.from_records(records=texts, model=_Counts())
    copies: list[set[int]] = [set() for _ in texts]
    for record in index.self_deduplicate(threshold=2 * THRESHOLD / (1 + THRESHOLD)).filtered:
        copies[place[record.record]] |= {place[other] for other, _ in record.duplicates}
    return copies


def recall(tool: Tool, script: str, rate: float, count: int, kinds: tuple[str, ...] = KINDS) -> tuple[float, int]:
    """The share of the copies that are put with their originals, and how many texts are put with another one."""
    draw = random.Random(f"{script} {rate} {kinds}")
    originals = posts(script, count, draw)
    copies = tool([*originals, *(mistyped(text, rate, draw, kinds) for text in originals)])
    right = sum(number in copies[count + number] or count + number in copies[number] for number in range(count))
    wrong = sum(bool({other % count for other in others} - {number % count}) for number, others in enumerate(copies))
    return right / count, wrong


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=300, help="originals of each script and rate")
    count = parser.parse_args().posts
    tools: dict[str, Tool] = {"curation": ours, "datasketch": datasketch, "rensa": rensa, "semhash": semhash}
    for name in tuple(tools):
        if name != "curation" and importlib.util.find_spec(name) is None:
            print(f"Left out, since it is not installed: {name}", file=sys.stderr)
            del tools[name]
    print(f"| script | characters changed | {' | '.join(tools)} |\n| --- | --- |{' --- |' * len(tools)}")
    wrong = dict.fromkeys(tools, 0)
    for script in SCRIPTS:
        for rate in (0.02, 0.05, 0.1):
            cells = []
            for name, tool in tools.items():
                share, others = recall(tool, script, rate, count)
                wrong[name] += others
                cells.append(f"{share:.3f}")
            print(f"| {script} | {rate:.0%} | {' | '.join(cells)} |", flush=True)
    print(f"| put with another post | | {' | '.join(map(str, wrong.values()))} |")
    print(f"\n| curation, 5% | {' | '.join(KINDS)} |\n| --- |{' --- |' * len(KINDS)}")
    for script in SCRIPTS:
        print(f"| {script} | {' | '.join(f'{recall(ours, script, 0.05, count, (kind,))[0]:.3f}' for kind in KINDS)} |")


if __name__ == "__main__":
    main()
