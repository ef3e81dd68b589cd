"""Mutated recipes, pins, settings and paths: what a person writes, read by what reads it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from random import Random

from curation.corpus.pins.pin_file import Pins
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.recipes.recipe import Recipe, read_recipe, shipped
from curation.recipes.recipe_text import recipe_text
from curation.tracking.index import opened
from curation.tracking.lineage import lineage
from tests.fuzz import mutations
from tests.fuzz.harness import BrokenPromiseError
from tests.fuzz.odd_pieces import ODD_VALUES

OWN = """
name = "mine"
description = "herons and ponds"

[[rule]]
use = "strip_urls"

[[rule]]
use = "where"
name = "ponds"
label = "About ponds"
removes = "text ILIKE '%pond%' AND (like_count = 0 OR len(list_filter(['a'], lambda x: x = 'a')) > 0)"

[[rule]]
use = "date_range"
first = 2019-01-31

[[rule]]
use = "min_words"
min = 3

[[rule]]
use = "author"
drop = ["tovi", "名前"]

[[rule]]
use = "near_duplicate"
"""

PINS = """
[[pin]]
platform = "x"
id = "1288834974657"
want = "kept"
note = "the best one, ثلاث قطط"

[[pin]]
platform = "mastodon"
id = 17
want = "removed"
"""

#: What stands in a recipe where something else was meant.
_PIECES = (
    "9" * 4400,
    "0x" + "f" * 5000,
    "-" + "9" * 400,
    "1e999",
    "nan",
    "inf",
    "[" * 2000,
    "{a=" * 700,
    '"\\ud83d"',
    '"\\u0000"',
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "true",
    "[]",
    "{}",
    '""',
    "[[rule]]\n",
    "[rule]\n",
    "[rule.a.b.c]\n",
    "rule = 1\n",
    "'''",
    '"""',
    "\r",
    "\x00",
    "\x7f",
    'name = "../x"\n',
    'use = "where"\n',
    "min.max = 1\n",
    '"a b" = 1\n',
    "min = 1\nmin = 2\n",
)

#: Conditions that try something.
_CONDITIONS = (
    "(" * 3000 + "1" + ")" * 3000,
    "NOT " * 2000 + "true",
    "1" + "+1" * 3000,
    "[" * 900 + "]" * 900,
    "9" * 4400 + " > 1",
    "CASE WHEN true THEN " * 400 + "true" + " END" * 400,
    "text = '\0'",
    "text = '\ud83d'",
    "a." * 400 + "b",
    "SELECT 1",
    "1; DROP TABLE posts",
    "text -- ",
    "text /*",
    "'",
    '"',
    "$$",
    "$1",
    "?",
    "#1",
    "*",
    "(SELECT 1)",
    "now()",
    "random()",
    "x -> x",
    "lambda x : x",
    "text::" + "INT[]" * 300,
    "regexp_matches(text, '" + "(a" * 500 + "')",
    "repeat('a', 10000000000)",
    "like_count = 1e400",
    "DATE '99999999-01-01'",
    "INTERVAL 99999999999 YEAR",
    "text LIKE '" + "%" * 5000 + "'",
    "list_value(" + "1," * 3000 + "1)",
    "struct_pack(" + ",".join(f"a{n} := 1" for n in range(300)) + ")",
    "coalesce(" * 500 + "text" + ")" * 500,
    "-" * 3000 + "1",
    "text IN (" + "'a'," * 2000 + "'b')",
    "\u202e",
    "ثلاث",
    "",
    " ",
)


def text(draw: Random, folder: Path) -> None:
    """A recipe, a list of pins, a change or a name."""
    draw.choice((_recipe, _recipe, _recipe, _pins, _change, _condition, _name))(draw, folder)


def _recipe(draw: Random, folder: Path) -> None:
    path = folder / "mine.toml"
    path.write_bytes(_mutated_toml(OWN if draw.random() < 0.6 else draw.choice(list(shipped().values())), draw))
    recipe = Recipe.load(path)
    again = Recipe.parse(_content(recipe_text(recipe)))
    if again.fingerprint != recipe.fingerprint:
        raise BrokenPromiseError("a recipe written down is another one")


def _content(toml: str) -> dict:
    from curation.recipes.toml_text import toml_content

    return toml_content(toml)


def _pins(draw: Random, folder: Path) -> None:
    path = folder / "pins.toml"
    path.write_bytes(_mutated_toml(PINS, draw))
    pins = Pins.read(path)
    path.write_text(pins.toml(), encoding="utf-8")
    if Pins.read(path) != pins:
        raise BrokenPromiseError("pins written down are others")


def _mutated_toml(toml: str, draw: Random) -> bytes:
    if draw.random() < 0.5:
        lines = toml.splitlines(keepends=True)
        place = draw.randrange(len(lines))
        key, equals, _ = lines[place].partition("=")
        lines[place] = f"{key}{equals} {draw.choice(_PIECES)}\n" if equals else draw.choice(_PIECES)
        toml = "".join(lines)
    if draw.random() < 0.6:
        return mutations.mutated_bytes(toml.encode(), draw, (OWN.encode(), PINS.encode()))
    return toml.encode()


def _change(draw: Random, folder: Path) -> None:
    rules = (
        "min_words.min",
        "date_range.first",
        "language.keep",
        "near_duplicate.similarity",
        "ponds.removes",
        "exact_duplicate.keep",
        ".",
        "min_words.",
        ".min",
    )
    value = draw.choice((*_PIECES, *_CONDITIONS, *(str(odd) for odd in ODD_VALUES[:13]), "4", '"en"'))
    path = folder / "mine.toml"
    path.write_text(OWN, encoding="utf-8")
    change = f"{draw.choice(rules)}={value}"
    Recipe.load(
        draw.choice(("baseline", path)),
        changes=(mutations.mutated_text(change, draw) if draw.random() < 0.3 else change,),
    )


def _condition(draw: Random, folder: Path) -> None:
    condition = draw.choice(_CONDITIONS)
    if draw.random() < 0.5:
        condition = mutations.mutated_text("text ILIKE '%pond%' AND like_count > 3", draw, _CONDITIONS)
    Recipe.parse({"name": "mine", "rule": [{"use": "where", "removes": condition}]})


def _name(draw: Random, folder: Path) -> None:
    name = draw.choice(
        (
            "x" * 300,
            "a\0b",
            "\ud83d",
            "caf\udce9",
            "/".join(["d" * 200] * 30),
            "",
            ".",
            "..",
            "-",
            "a" * 5000,
            "\n",
            "نص",
        )
    )
    name = (
        name if draw.random() < 0.5 else mutations.mutated_text("mine.toml", draw)[:6000].replace("..", "").lstrip("/")
    )
    with contextlib.suppress(CurationError):
        read_recipe(name)
    with contextlib.suppress(CurationError):
        lineage(Workspace(folder / "data"), folder / name.replace("/", "_") if len(name) < 3000 else Path(name))
    with contextlib.suppress(CurationError):
        Pins.read(folder / name.replace("/", "_"))
    with opened(Workspace(folder)) as index:
        index.catch_up()
