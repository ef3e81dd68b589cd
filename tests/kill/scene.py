"""The workspaces that commands are killed in, and the commands."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tests.forks import Forks

SAMPLE = Path(__file__).parents[2] / "data/sample/x-archive-marlow_of_the_lamp.zip"

WORDS = [
    "lantern",
    "harbour",
    "bread",
    "tide",
    "kettle",
    "moss",
    "ladder",
    "window",
    "quiet",
    "thunder",
    "фонарь",
    "гавань",
    "хлеб",
    "прилив",
    "лестница",
    "окно",
    "тишина",
    "灯台",
    "港町",
    "干潮",
    "月夜",
    "فانوس",
    "میناء",
    "خبز",
    "مدّ",
    "نافذة",
]

#: Who is to be forgotten, in words that stand in nobody else's posts.
FORGOTTEN = "zoe_of_the_quay"
MARK = "quayzephyr"

RECIPE = """
name = "swift"

[[rule]]
use = "retweet"

[[rule]]
use = "strip_urls"

[[rule]]
use = "min_words"
min = {least}
count = "blanks"

[[rule]]
use = "exact_duplicate"

[[rule]]
use = "near_duplicate"
"""


def posts(first: int, number: int) -> list[dict]:
    """Invented posts by three authors, one of whom is to be forgotten: answers, links, short ones and copies."""
    draw = random.Random(first)
    made = []
    for index in range(first, first + number):
        author = ("mira", "Томас", FORGOTTEN)[index % 3]
        text = " ".join(draw.choices(WORDS, k=draw.choice([2, 4, 6, 9])))
        text = f"{text} {MARK}{index}" if author == FORGOTTEN else text
        text = made[-3]["text"] if index % 10 == 9 else text
        text = f"{text} https://example.org/{index}" if index % 7 == 0 else text
        post = {"id": str(1000 + index), "author": author, "text": text}
        post["created_at"] = f"2024-{index % 12 + 1:02}-{index % 28 + 1:02}T10:00:00Z"
        if index % 6 == 5:
            post["reply_to"] = str(1000 + index - 4)
        made.append(post)
    return made


def make(folder: Path, forks: Forks) -> None:
    """Make, step by step, `empty`, `landed`, `curated`, `exported` and `rich`: each the one before and more."""

    def do(*words: object) -> None:
        ended = forks.run(list(words), data)
        assert ended.rc == 0, (words, ended.err)

    def keep(name: str) -> None:
        shutil.copytree(folder / "now", folder / name)

    folder.mkdir(parents=True)
    for number, name in enumerate(("one", "two", "three")):
        lines = [json.dumps(post, ensure_ascii=False) for post in posts(number * 90, 90)]
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name, least in (("swift", 3), ("stricter", 5)):
        (folder / f"{name}.toml").write_text(RECIPE.format(least=least), encoding="utf-8")
    data = folder / "now/data"
    data.parent.mkdir()
    keep("empty")
    do("collect", "file", folder / "one.jsonl")
    do("collect", "file", folder / "two.jsonl")
    keep("landed")
    do("run", folder / "swift.toml", "--workers", 1)
    keep("curated")
    out = ["--out", folder / "now/elsewhere"]
    formats = [f"--format={name}" for name in ("text", "jsonl", "parquet")]
    do("export", "swift", *formats, "--valid", 0.3, "--allow-small")
    do("export", "swift", "--format=jsonl", "--format=lines", "--valid", 0.3, *out)
    (folder / "now/elsewhere/mine.txt").write_text("a file of somebody's own\n", encoding="utf-8")
    keep("exported")
    do("report", "swift")
    do("report", "swift", "--out", folder / "now/elsewhere/report.html")
    do("card", "swift", "--out", folder / "now/elsewhere/card.md")
    do("pin", "1002", "--keep")
    do("export", "swift", "--format=chat", "--valid", 0.3)
    _train(data)
    keep("rich")


def _train(data: Path) -> None:
    """What trainings leave: a model, an older version of it that saw nobody who is forgotten, and one that waits."""
    from tests import models

    saw = [("file", str(1000 + index), ("mira", "Томас", FORGOTTEN)[index % 3]) for index in range(90)]
    sample = f"the quiet {MARK} goes on"
    authors = tuple({"author": author, "posts": 30} for author in ("mira", "Томас", FORGOTTEN))
    record = models.training_record("swift-1", "v1", data_authors=authors, data_author_count=3, data_recipe="swift")
    record = replace(record, epochs=tuple(replace(epoch, samples=(sample,)) for epoch in record.epochs))
    folder = models.write_model(data, record, saw)
    (folder / "predictions.png").write_bytes(sample.encode())
    older = models.training_record("swift-1", "v0", data_authors=authors[:1], data_recipe="swift")
    models.write_model(data, older, [post for post in saw[1:] if post[2] == "mira"], folder="swift-1@v0")
    (models.write_training(data, "swift-2", saw) / "tokens.bin").write_bytes(sample.encode())


@dataclass(frozen=True)
class Killed:
    """A command that is killed, and where: a workspace of `make`, and words in which {0} is its folder, {1} inputs."""

    name: str
    before: str
    words: tuple[object, ...]


FORMATS = tuple(f"--format={name}" for name in ("text", "jsonl", "parquet"))

COMMANDS = (
    Killed("first landing", "empty", ("collect", "file", "{1}/one.jsonl")),
    Killed("landing", "rich", ("collect", "file", "{1}/three.jsonl")),
    Killed("archive", "landed", ("collect", "x-archive", str(SAMPLE))),
    Killed("run", "landed", ("run", "{1}/swift.toml", "--workers", 1)),
    Killed("run again", "rich", ("run", "{1}/swift.toml", "--workers", 1, "--again")),
    Killed("judge again", "rich", ("run", "{1}/stricter.toml", "--workers", 1)),
    Killed("first export", "curated", ("export", "swift", *FORMATS, "--valid", 0.3, "--allow-small")),
    Killed("export again", "rich", ("export", "swift", *FORMATS, "--valid", 0.3, "--seed", 5, "--allow-small")),
    Killed("first export elsewhere", "curated", ("export", "swift", "--format=jsonl", "--out", "{0}/elsewhere")),
    Killed("export elsewhere", "rich", (
        "export", "swift", "--format=jsonl", "--format=lines", "--valid", 0.4, "--seed", 2, "--out", "{0}/elsewhere",
    )),
    Killed("export conversations", "rich", ("export", "swift", "--format=chat", "--valid", 0.3, "--seed", 4)),
    Killed("forget", "rich", ("forget", "--author", FORGOTTEN, "--id", "1000")),
    Killed("remove a version", "rich", ("models", "--remove", "swift-1@v1", "--yes")),
    Killed("remove a model", "rich", ("models", "--remove", "swift-1", "--yes")),
    Killed("compact", "rich", ("compact",)),
    Killed("report", "rich", ("report", "swift", "--seed", 3)),
    Killed("report elsewhere", "curated", ("report", "swift", "--out", "{0}/elsewhere/new/report.html")),
    Killed("card", "rich", ("card", "swift", "--out", "{0}/elsewhere/card.md", "--name", "Invented")),
    Killed("card in a new place", "curated", ("card", "swift", "--out", "{0}/elsewhere/new/card.md")),
    Killed("pin", "rich", ("pin", "1004", "--keep")),
    Killed("sweep", "rich", ("sweep", "swift", "near_duplicate.threshold", "0.6,0.8")),
)  # fmt: skip
