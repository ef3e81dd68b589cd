"""A corpus to train on, and readers of the configurations that an export writes for trainers."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.exports.trainers import TRAINERS
from curation.recipes.recipe import Recipe
from tests.collecting.test_landing import given_posts
from tests.corpora import TIME

EVERY = list(TRAINERS)
DAY = 86_400
RECIPE = Recipe.parse({"name": "own", "rule": [{"use": "min_words", "min": 1}]})


def workspace(folder: Path, posts: int = 20) -> Corpus:
    """A corpus of so many posts, none like another, each of its own day, half of them answers to the one before."""
    rows: list[dict[str, Any]] = [
        {
            "id": str(n + 1),
            "author": ("tom", "mira")[n % 2],
            "text": f"Fog <|im_end|> {hashlib.sha256(str(n).encode()).hexdigest()}",
            "created_at": int(TIME.timestamp()) + DAY * n,
            "reply_to": str(n) if n % 2 else None,
        }
        for n in range(posts)
    ]
    land(folder, given_posts(*rows))
    return curate(folder, RECIPE).corpus


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def values(folder: Path, name: str) -> Any:
    """A configuration in YAML or JSON."""
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


def constants(folder: Path, name: str) -> dict[str, Any]:
    """What a script assigns to its names in capitals; it must compile, and import nothing of this program."""
    tree = ast.parse((folder / name).read_text(encoding="utf-8"))
    compile(tree, name, "exec")
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in modules if module and module.startswith("curation")}
    assigned: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            assigned |= zip((n.id for n in node.targets[0].elts), ast.literal_eval(node.value), strict=True)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BoolOp) and node.targets[0].id == "BASE":
            assigned[node.targets[0].id] = ast.literal_eval(node.value.values[-1])
    keywords = {k.arg: k.value for n in ast.walk(tree) if isinstance(n, ast.Call) for k in n.keywords}
    return assigned | {k: ast.literal_eval(v) for k, v in keywords.items() if isinstance(v, ast.Constant)}


def modelfile(text: str) -> list[tuple[str, str]]:
    """The commands of a Modelfile, read as Ollama's own parser does (`parser/parser.go` of 00dc3af)."""
    commands, state, buffer, name = [], "nil", "", ""
    for rune in text + "\n":
        newline, blank = rune in "\r\n", rune in " \t"
        if state in ("nil", "comment"):
            if rune == "#" and state == "nil":
                state = "comment"
            elif newline:
                state = "nil"
            elif state == "nil" and not blank:
                state, buffer = "name", rune
        elif state == "name":
            if blank:
                assert buffer.lower() in {"from", "template", "system", "adapter", "parameter"}, buffer
                name, buffer, state = buffer.lower(), "", "value" if buffer.lower() != "parameter" else "key"
            else:
                assert rune.isascii()
                assert rune.isalpha()
                buffer += rune
        elif state == "key":
            if blank:
                name, buffer, state = buffer, "", "value"
            else:
                buffer += rune
        elif newline or blank:
            value = buffer.strip(" \t\r\n")
            three = value.startswith('"""')
            closed = len(value) >= 6 and value.endswith('"""') if three else (
                len(value) >= 2 and value.endswith('"') if value.startswith('"') else True
            )  # fmt: skip
            if not closed or blank:
                buffer += rune
            else:
                size = 3 if three else int(value.startswith('"'))
                commands.append((name, value[size : len(value) - size]))
                state, buffer = "nil", ""
        elif rune.isprintable():
            buffer += rune
    assert state == "nil", buffer
    return commands
