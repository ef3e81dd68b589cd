"""What is given to sources: a file or a folder of any kind, mutated, and one of them for each number that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.containers import container, mastodon, packed, x_archive
from tests.fuzz.single_files import Input, arrow_file, json_file, noise, table_file, text_file


def draw_input(draw: Random) -> Input:
    """A mutated input."""
    make = draw.choice(_KINDS)
    made = make(draw)
    if draw.random() < 0.25:
        made = Input(made.kind, made.files, made.target, made.source, {**made.options, **_options(draw, made.source)})
    return made


def sound_inputs() -> list[Input]:
    """Each kind as it is before it is mutated."""
    draw = Random(0)
    return [make(draw, mutate=False) for make in _KINDS for _ in range(4)]


def _options(draw: Random, source: str) -> dict[str, Any]:
    text = draw.choice(("mira", "Mira", "\ud83d", "a\0b", "x" * 300, "@mira@social.example", "", " ", "名前"))
    if source != "file":
        return {"author": text or "mira"}
    return draw.choice(
        (
            {"author": text},
            {"author": "mira", "private": True},
            {"platform": text},
            {"encoding": draw.choice(("gb18030", "cp1251", "utf-16", "utf-8", "idna", text))},
            {"dates": draw.choice(("auto", "day-first", "month-first", "year-first"))},
            {"columns": {"text": draw.choice(("text", "a.b[].c", "data[]", text, "full_text"))}},
            {
                "format": draw.choice(
                    (
                        "csv",
                        "lines",
                        "posts",
                        "tweet",
                        "mastodon",
                        "mastodon-archive",
                        "graphql",
                        "telegram",
                        "meta",
                        "weibo",
                        "reddit",
                    )
                )
            },
        )
    )


_KINDS: tuple[Callable[..., Input], ...] = (
    json_file,
    json_file,
    json_file,
    table_file,
    table_file,
    arrow_file,
    packed,
    container,
    x_archive,
    mastodon,
    text_file,
    noise,
)
