r"""Edits the text of a recipe rule by rule: the user's comments, order of keys and spelling stay.

A rule is a block: its table, and the comments right above it. A rule that is switched off stays in the file as a
comment, each line after `#off `, so it can be switched on again as it was. What is lost: comments inside a list that is
replaced; and a recipe in another form, such as `rule = [{use = "pii"}]`, is written anew in the usual one at the first
edit, without its comments.

>>> text = '[[rule]]\nuse = "pii"  # mine\n\n# short\n[[rule]]\nuse = "min_words"\n'
>>> print(moved(text, 1, 0))
# short
[[rule]]
use = "min_words"
<BLANKLINE>
[[rule]]
use = "pii"  # mine
<BLANKLINE>
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.recipes.recipe_text import toml_value
from curation.recipes.toml_text import toml_content

#: Begins each line of a rule that is switched off.
OFF = "#off"
#: Characters of a list on one line.
WIDTH = 100
_STRING = r"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
_TOKEN = re.compile(rf"{_STRING}|\#[^\n]*|[\[{{]|[\]}}]|\n", re.S)
_VALUE = re.compile(rf"{_STRING}|[^\s#,\[\]{{}}]+", re.S)
_HEADER = re.compile(r"[ \t]*\[\[[ \t]*rule[ \t]*\]\]")
_OFF_HEADER = re.compile(rf"{OFF}[ \t]*\[\[[ \t]*rule[ \t]*\]\]")
_KEY = re.compile(r"[ \t]*(?P<key>[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')[ \t]*=[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class RuleBlock:
    """A rule in the text of a recipe."""

    text: str  # with the comments right above it; as if it were switched on
    is_on: bool
    line: int  # of its [[rule]], from 1
    table: Mapping[str, Any]  # its keys, `use` among them

    def line_of(self, key: str) -> int:
        """The line of a key, from 1; that of [[rule]] without it."""
        before = self.text[: _header(self.text)].count("\n")
        return next((self.line - before + line for name, line in _keys(self.text) if name == key), self.line)


@dataclass(frozen=True)
class RecipeBlocks:
    """The text of a recipe in parts."""

    head: str
    rules: tuple[RuleBlock, ...]

    @property
    def text(self) -> str:
        """The whole text, with an empty line between the parts."""
        written = (rule.text if rule.is_on else _switched_off(rule.text) for rule in self.rules)
        parts = [self.head.strip("\n"), *(each.strip("\n") for each in written)]
        return "\n\n".join(part for part in parts if part) + "\n"


def blocks(text: str) -> RecipeBlocks:
    """The parts of a recipe. Raises `ValueError` for what is no TOML."""
    content = toml_content(text)
    parts = _marked_parts(text)
    tables = [rule.table for rule in parts.rules if rule.is_on]
    if tables == content.get("rule", []):
        return parts
    # Another form: the same rules, written in the usual one.
    head = [f"{key} = {toml_value(content[key])}" for key in ("name", "description") if key in content]
    there = content.get("rule", [])
    rules = [table for table in there if isinstance(table, dict)] if isinstance(there, list) else []
    written = "\n\n".join(["\n".join(head), *(rule_text(table) for table in rules)]) + "\n"
    return _marked_parts(written)


def is_usual(text: str) -> bool:
    """Whether an edit keeps all comments of this recipe."""
    tables: object = toml_content(text).get("rule", [])
    return [rule.table for rule in _marked_parts(text).rules if rule.is_on] == tables


def rule_text(table: Mapping[str, Any]) -> str:
    """A rule as a block."""
    return "\n".join(["[[rule]]", *(f"{_key(key)} = {_written(value)}" for key, value in table.items())]) + "\n"


def moved(text: str, number: int, to: int) -> str:
    """The recipe with a rule at another place, both from 0 and with switched-off rules. Raises `ValueError`."""

    def move(rules: list[RuleBlock]) -> None:
        rules.insert(max(0, min(to, len(rules) - 1)), rules.pop(number))

    return _edited(text, move)


def switched(text: str, number: int, *, on: bool) -> str:
    """The recipe with a rule switched on or off. Raises `ValueError`."""

    def switch(rules: list[RuleBlock]) -> None:
        old = rules[number]
        rules[number] = RuleBlock(old.text, on, old.line, old.table)

    return _edited(text, switch)


def removed(text: str, number: int) -> str:
    """The recipe without a rule and its comments. Raises `ValueError`."""
    return _edited(text, lambda rules: rules.pop(number))


def added(text: str, number: int, table: Mapping[str, Any]) -> str:
    """The recipe with one more rule at a place. Raises `ValueError`."""
    return _edited(text, lambda rules: rules.insert(number, RuleBlock(rule_text(table), True, 0, table)))


def with_value(text: str, number: int, key: str, value: Any) -> str:
    """The recipe with another value of a rule's key; None takes the key out. Raises `ValueError`."""

    def change(rules: list[RuleBlock]) -> None:
        old = rules[number]
        table = {name: each for name, each in old.table.items() if name != key}
        table |= {} if value is None else {key: list(value) if isinstance(value, tuple) else value}
        changed = _with_value(old.text, key, value)
        if _table(changed) != table:  # an unusual spelling, such as dotted keys
            changed = rule_text(table)
        rules[number] = RuleBlock(changed, old.is_on, old.line, table)

    return _edited(text, change)


def with_head(text: str, key: str, value: str) -> str:
    """The recipe with another name or description. Raises `ValueError`."""
    parts = blocks(text)
    content = toml_content(parts.head)
    head = _with_value(parts.head, key, value, first=True)
    if toml_content(head) != content | {key: value}:
        head = "\n".join(f"{_key(name)} = {toml_value(each)}" for name, each in (content | {key: value}).items())
    return RecipeBlocks(head, parts.rules).text


def _edited(text: str, change: Callable[[list[RuleBlock]], object]) -> str:
    parts = blocks(text)
    rules = list(parts.rules)
    change(rules)
    return RecipeBlocks(parts.head, tuple(rules)).text


def _marked_parts(text: str) -> RecipeBlocks:
    """The parts as their headers mark them."""
    lines = text.splitlines(keepends=True)
    outside = _outside(text)
    headers = [
        number for number, line in enumerate(lines)
        if number in outside and (_HEADER.match(line) or _OFF_HEADER.match(line))
    ]  # fmt: skip
    begins = []
    for header in headers:
        begin = header
        is_off = bool(_OFF_HEADER.match(lines[header]))
        while begin and begin - 1 in outside and _is_comment(lines[begin - 1], is_off=is_off):
            begin -= 1
        begins.append(begin)
    rules = []
    for header, begin, end in zip(headers, begins, [*begins, len(lines)][1:], strict=True):
        is_on = bool(_HEADER.match(lines[header]))
        part = "".join(lines[begin:end])
        part = part if is_on else _switched_on(part)
        rules.append(RuleBlock(part, is_on, header + 1, _table(part)))
    return RecipeBlocks("".join(lines[: begins[0]] if begins else lines), tuple(rules))


def _is_comment(line: str, *, is_off: bool) -> bool:
    """Whether a line is a comment of a rule that is on, or of one that is off."""
    if is_off != line.startswith(OFF):
        return False
    return line.removeprefix(OFF if is_off else "").lstrip().startswith("#")


def _outside(text: str) -> set[int]:
    """The numbers of the lines that begin outside of texts and lists, from 0."""
    numbers, number, depth = {0}, 0, 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        number += token[0].count("\n")
        if token[0] == "\n" and depth <= 0:
            numbers.add(number)
    return numbers


def _table(block: str) -> dict[str, Any]:
    """The keys of a block; none if it can't be read."""
    try:
        [table] = toml_content(block)["rule"]
    except (ValueError, KeyError):
        return {}
    return table if isinstance(table, dict) else {}


def _header(block: str) -> int:
    """Where the line of [[rule]] begins."""
    match = re.search(rf"^{_HEADER.pattern}", block, re.M)
    return match.start() if match else 0


def _keys(block: str) -> list[tuple[str, int]]:
    """The keys of a block and their lines, from 0."""
    outside, keys = _outside(block), []
    for number, line in enumerate(block.splitlines()):
        if number in outside and (match := _KEY.match(line)):
            keys.append((_name(match["key"]), number))
    return keys


def _name(key: str) -> str:
    return str(json.loads(key)) if key.startswith('"') else key.strip("'")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)


def _with_value(block: str, key: str, value: Any, *, first: bool = False) -> str:
    """The block with another value; a new key goes to the end of its keys, or `first`."""
    lines = block.splitlines(keepends=True)
    keys = dict(_keys(block))
    if key in keys:
        begin = sum(map(len, lines[: keys[key]]))
        match = _KEY.match(block, begin)
        assert match, "a key that was found"
        end = _value_end(block, match.end())
        rest = block[end:].partition("\n")[0].strip()
        if value is not None:
            return block[: match.end()] + _written(value) + block[end:]
        after = end + len(block[end:].partition("\n")[0]) + 1
        return block[:begin] + (f"{rest}\n" if rest else "") + block[after:]
    if value is None:
        return block
    line = f"{_key(key)} = {_written(value)}\n"
    if first and not keys:
        return line + block
    last = max(keys.values(), default=block[: _header(block)].count("\n"))
    begin = sum(map(len, lines[:last]))
    match = _KEY.match(block, begin)
    end = _value_end(block, match.end()) if match else begin
    cut = block.find("\n", end)
    return f"{block}\n{line}" if cut < 0 else block[: cut + 1] + line + block[cut + 1 :]


def _value_end(text: str, begin: int) -> int:
    """Where the value ends that begins here."""
    if text[begin : begin + 1] not in ("[", "{"):
        match = _VALUE.match(text, begin)
        end = match.end() if match else begin
        # A date and its time may have a blank between them.
        rest = re.match(r" \d\d:\d\d[^\s#]*", text[end:])
        return end + (rest.end() if rest else 0)
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth == 0 and token[0] in ("]", "}"):
            return token.end()
    return len(text)


def _written(value: Any) -> str:
    """A value in TOML; a long list has a line for each of its texts."""
    line = toml_value(value)
    if isinstance(value, list | tuple) and len(line) > WIDTH:
        return "[\n" + "".join(f"  {toml_value(each)},\n" for each in value) + "]"
    return line


def _switched_off(block: str) -> str:
    return "".join(f"{OFF} {line}".rstrip() + "\n" for line in block.strip("\n").split("\n"))


def _switched_on(block: str) -> str:
    lines = []
    for line in block.splitlines(keepends=True):
        lines.append(line.removeprefix(OFF).removeprefix(" ") if line.startswith(OFF) else line)
    return "".join(lines)
