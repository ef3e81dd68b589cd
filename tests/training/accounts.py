"""Accounts invented for evaluations: posts with words as uneven as a language's, and repeats where they are wanted."""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Any

from curation.disk.workspace import Workspace
from tests.cli.shell import inside, jsonl

BEGIN = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
SYLLABLES = ("ka", "lo", "mi", "re", "tu", "san", "vel", "dor", "ni", "pa", "es", "or")


def account(posts: int = 700, *, repeats: int = 0, seed: int = 1, author: str = "mira") -> list[dict[str, Any]]:
    """Posts of one account, one an hour; `repeats` copies of a few of them are strewn over the older half."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(400)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    texts = [" ".join(draw.choices(words, weights, k=draw.randint(8, 16))) for _ in range(posts)]
    moments = [float(hour) for hour in range(posts)]
    promoted = draw.sample(range(posts // 2), min(6, posts // 2))
    for _ in range(repeats):
        texts.append(texts[draw.choice(promoted)])
        moments.append(draw.uniform(0, posts / 2))
    return [
        {
            "id": str(10**15 + number),
            "author": author,
            "text": text,
            "created_at": (BEGIN + datetime.timedelta(hours=moment)).isoformat(),
        }
        for number, (text, moment) in enumerate(zip(texts, moments, strict=True))
    ]


def landed(folder: Path, posts: list[dict[str, Any]]) -> Workspace:
    """A workspace in which these posts have landed."""
    folder.mkdir(parents=True, exist_ok=True)
    collected = inside("collect", "file", jsonl(folder / "posts.jsonl", posts), data=folder / "data")
    assert collected.rc == 0, collected.err
    return Workspace(folder / "data")
