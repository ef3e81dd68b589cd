"""A post as every dialect writes it, invented; the seeds of the files that are mutated.

`posts.jsonl` has a record a line. In it `$text` and `$other` stand for words, `$id` for an id and `$number` for the
same as a number.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

#: Words in several scripts, with what rules look at.
WORDS = (
    "Three herons stood in the shallows all morning https://example.org/a?b=c&d",
    "ثلاث قطط تنام تحت الطاولة ولا تستيقظ",
    "三匹の猫がテーブルの下で眠っていて、起きようとしない。",
    "Под столом спят три кошки &amp; одна собака @mira #pond",
    "แมวสามตัวนอนอยู่ใต้โต๊ะ 👨‍👩‍👧‍👦",
)

TIME = "2024-03-05T10:00:00.000Z"

#: Numbers of posts in a file.
POSTS = 4


def records(number: int = 1) -> dict[str, list[Any]]:
    """Records by dialect, some in several forms; another `number` gives them other ids and words."""
    text, other = (WORDS[(number + later) % len(WORDS)] for later in (0, 1))
    id = 1764580000000000000 + number * 7919
    filled = _template().replace('"$number"', str(id)).replace("$id", str(id)).replace("$text", text)
    records: dict[str, list[Any]] = {}
    for line in filled.replace("$other", other).splitlines():
        held = json.loads(line)
        records.setdefault(held["dialect"], []).append(held["record"])
    return records


@functools.cache
def known_records() -> dict[str, list[Any]]:
    """Records by dialect, several of each form."""
    kept: dict[str, list[Any]] = {}
    for number in range(POSTS):
        for name, some in records(number).items():
            kept.setdefault(name, []).extend(some)
    return kept


@functools.cache
def all_records() -> tuple[Any, ...]:
    """The same, one after the other."""
    return tuple(record for some in known_records().values() for record in some)


@functools.cache
def _template() -> str:
    return Path(__file__).with_name("posts.jsonl").read_text(encoding="utf-8")
