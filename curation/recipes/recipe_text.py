"""A recipe as the text of a TOML file that gives the same recipe again.

>>> print(recipe_text(Recipe.parse({"name": "mine", "rule": [{"use": "min_chars", "min": 4}]})), end="")
name = "mine"
<BLANKLINE>
[[rule]]  # Fewer than `min` characters
use = "min_chars"
min = 4
"""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from curation.recipes.recipe import Recipe
from curation.rules.base import Rule
from curation.rules.parameters import key_of

#: Keys that need no quotes in TOML.
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: What TOML allows in no text and no comment. In a text, JSON escapes all of it except the last two kinds.
_UNWRITABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


def recipe_text(recipe: Recipe) -> str:
    """The recipe with every parameter, and what each rule removes or rewrites; ends with a line break."""
    head = [f"name = {toml_value(recipe.name)}"]
    if recipe.description:
        head.append(f"description = {toml_value(recipe.description)}")
    return "\n\n".join(["\n".join(head), *(_rule(rule) for rule in recipe.rules)]) + "\n"


def toml_value(value: Any) -> str:
    """The value of a parameter in TOML: a text, number, truth, date, or a list of texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _rule(rule: Rule) -> str:
    summary = _UNWRITABLE.sub(" ", rule.summary())
    lines = [f"[[rule]]  # {summary}" if summary else "[[rule]]", f"use = {toml_value(rule.use)}"]
    for name, usual in (("name", rule.use), ("label", rule.title)):
        if (value := getattr(rule, name)) != usual:
            lines.append(f"{name} = {toml_value(value)}")
    for field in rule.parameters():
        value, key = getattr(rule, field.name), key_of(field)
        if value is not None:
            lines.append(f"{key if _BARE.fullmatch(key) else toml_value(key)} = {toml_value(value)}")
    return "\n".join(lines)
