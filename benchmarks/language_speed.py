"""langdetect itself, its profiles scored without draws, eldc with that as second opinion, and the whole rule.

`python -m benchmarks.language_speed DATA [--posts N]` takes posts of the archives in DATA, and of xlm-t-8lang where it
is there. The first table is about N of them without links, mentions, tags and signs; the second about all, as they are,
in one thread of DuckDB. All figures are seconds of CPU of one process, each after a first small call, so that reading
profiles is not in them; that is its own line.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.__main__ import ARCHIVES
from benchmarks.measure import curation
from curation.recipes.steps import filter_steps
from curation.rules.language import Language
from curation.sql import identifier

Answers = list[list[tuple[str, float]]]

_NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|[@#＠＃]\w+|&[a-z]+;|[^\w\s'’]|[\d_]+|\bhttp\b", re.IGNORECASE)
#: Posts looked at at a time, as DuckDB hands them to a function.
BATCH = 2048


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with the sets, each unpacked under its name")
    parser.add_argument("--posts", type=int, default=20_000)
    arguments = parser.parse_args()
    sets = texts_of(arguments.data)
    posts = sample(sets, arguments.posts)
    if not posts:
        sys.exit(f"Neither an archive nor xlm-t-8lang is in {arguments.data}; nothing was measured.")

    began = time.process_time()
    from curation.functions.langdetect_profiles.profiles import profiles
    from curation.functions.langdetect_profiles.scoring import probabilities
    from curation.functions.language.engines import identify_languages

    probabilities(posts[:10])
    reading = time.process_time() - began
    identify_languages(posts[:10])
    detect = library()
    detect(posts[:10], 0)

    theirs, slow = timed(lambda: detect(posts, 0))
    again, _ = timed(lambda: detect(posts, 1))
    both, together = timed(lambda: batched(identify_languages, posts))
    rows, fast = timed(lambda: np.concatenate(batched(lambda texts: [probabilities(texts)], posts)))
    labels = [profiles().languages[row.argmax()] if row.any() else "" for row in rows]
    answers = [answer.partition("=")[0] for answer in both]

    print(f"\n### Languages of {len(posts):,} posts, CPU seconds of one process\n")
    print("| | posts a CPU second | ratio | labels as the library's |\n| --- | --- | --- | --- |")
    line("langdetect, seed 0", len(posts) / slow, 1, "")
    line("langdetect, seed 1", len(posts) / slow, 1, f"{agreement(list(map(label, again)), theirs):.2%}")
    line("eldc in the rule", len(posts) / together, slow / together, f"{agreement(answers, theirs):.2%}")
    line("langdetect in the rule", len(posts) / fast, slow / fast, f"{agreement(labels, theirs):.2%}")
    print(f"\nReading the profiles and making the tables: {reading:.2f} s, once in a process.")
    whole_rule([text for texts in sets for text in texts])


def whole_rule(texts: list[str]) -> None:
    """The rule `language` with its defaults, and the first part of it, the words that it prepares."""
    rule = Language()
    connection = duckdb.connect(config={"threads": 1})
    for function in rule.functions():
        function.register(connection)
    connection.register("texts", pa.table({"text": pa.array(texts, pa.string())}))
    connection.execute("CREATE TABLE posts AS SELECT text, NULL::VARCHAR AS lang, []::VARCHAR[] AS matched FROM texts")
    steps = filter_steps(rule, "posts", [], {})
    named = ", ".join(f"{identifier(name)} AS ({body})" for name, body in steps)
    last, prepared = steps[-1][0], next(name for name, body in steps if f" AS {rule._words} FROM " in body)
    print(f"\n### The rule alone, {len(texts):,} posts\n\n| | posts a CPU second |\n| --- | --- |")
    for name, columns, step in (
        ("the words", f"max({rule._words})", prepared),
        ("the whole rule", 'max(language), max(language_confidence), count_if("removes:language")', last),
    ):
        _, seconds = timed(connection.sql(f"WITH {named} SELECT {columns} FROM {identifier(step)}").fetchall)
        print(f"| {name} | {len(texts) / seconds:,.0f} |", flush=True)


def texts_of(data: Path) -> list[list[str]]:
    """The texts of each set."""
    labelled = sorted((data / "xlm-t-8lang").rglob("*_text.txt"))
    sets = [[text for path in labelled for text in path.read_text(encoding="utf-8").split("\n")]] if labelled else []
    with tempfile.TemporaryDirectory(prefix="curation-benchmarks-") as folder:
        for name in ARCHIVES:
            if (data / name).is_dir():
                curation("collect", "x-archive", str(data / name), "--data", f"{folder}/{name}")
                landed = pl.scan_parquet(f"{folder}/{name}/raw/*/*.parquet").select("text").collect()
                sets.append(landed["text"].to_list())
            else:
                print(f"Left out, since not in {data}: {name}", file=sys.stderr)
    return sets


def sample(sets: list[list[str]], count: int) -> list[str]:
    """Distinct posts, drawn with a fixed seed, as many from each set as it has up to an equal share."""
    chance = random.Random(5)
    prepared = []
    for texts in sets:
        distinct = list(dict.fromkeys(" ".join(_NO_WORDS.sub(" ", text).split()) for text in texts))
        chance.shuffle(distinct)
        prepared += [text for text in distinct if text][: -(-count // len(sets) * 3 // 2)]
    chance.shuffle(prepared)
    return list(dict.fromkeys(prepared))[:count]


def library() -> Callable[[list[str], int], Answers]:
    """The package langdetect, seeded anew for each text."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)

    def detect(texts: list[str], seed: int) -> Answers:
        answers: Answers = []
        for text in texts:
            detector = factory.create()
            detector.seed = seed
            detector.append(text)
            try:
                answers.append([(found.lang, found.prob) for found in detector.get_probabilities()])
            except LangDetectException:
                answers.append([])
        return answers

    return detect


def batched(call: Callable[[list[str]], list], texts: list[str]) -> list:
    """What a function gives for all texts, `BATCH` at a time."""
    return [answer for at in range(0, len(texts), BATCH) for answer in call(texts[at : at + BATCH])]


def timed(call: Callable) -> tuple:
    """What it gives, and its CPU seconds."""
    began = time.process_time()
    answer = call()
    return answer, time.process_time() - began


def label(answer: list[tuple[str, float]]) -> str:
    """The likeliest language, or nothing."""
    return answer[0][0] if answer else ""


def agreement(labels: list[str], theirs: Answers) -> float:
    """The share of labels that the library gives, too."""
    return sum(ours == label(answer) for ours, answer in zip(labels, theirs, strict=True)) / len(labels)


def line(name: str, speed: float, ratio: float, labels: str) -> None:
    """One line of the table."""
    print(f"| {name} | {speed:,.0f} | {ratio:,.1f} | {labels} |", flush=True)


if __name__ == "__main__":
    main()
