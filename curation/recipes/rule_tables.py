"""Reads the table of a rule in a recipe: the field of each parameter checks its value."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import types
import typing
from collections.abc import Mapping
from typing import Any

from curation.errors import RecipeError, did_you_mean
from curation.options.bounds import Each
from curation.rules import RuleBook
from curation.rules.base import Rule
from curation.rules.parameters import check_of, key_of, types_of
from curation.writing.characters import shown, whole
from curation.writing.terminal import shortened

#: Columns of a message for a value.
WIDTH = 200


def rule_of(table: Mapping[str, Any], book: RuleBook) -> Rule:
    """The rule of a recipe's table. Raises `RecipeError`, which doesn't name the table."""
    parameters = dict(table)
    use = parameters.pop("use", None)
    if not isinstance(use, str):
        raise RecipeError('say which rule it is, such as use = "min_words".')
    rule_class = book.find(use)
    fields = {key_of(field): field for field in dataclasses.fields(rule_class)}
    values: dict[str, Any] = {}
    for key, value in parameters.items():
        if key not in fields:
            raise RecipeError(f"'{use}' has no parameter '{key}'.{did_you_mean(key, fields)}")
        values[fields[key].name] = _value(rule_class, fields[key], value, name=parameters.get("name") or use)
    rule = rule_class(**values)
    rule.check()
    return rule


def _value(rule: type[Rule], field: dataclasses.Field[Any], value: Any, *, name: object) -> Any:
    use, key, options = rule.use, key_of(field), types_of(rule, field.name)
    if datetime.date in options and isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = datetime.date.fromisoformat(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        raise RecipeError(f"'{use}': {key} is a number beyond 64 bits.")
    if isinstance(value, str):
        value = whole(value)
    fitting = next((option for option in options if _fits(value, option)), None)
    if fitting is None:
        raise RecipeError(f"'{use}': {key} = {in_toml(value)} should be {_in_words(options)}.")
    if typing.get_origin(fitting) is tuple:
        value = tuple(value)
    elif fitting is float:
        value = float(value)
    elif isinstance(value, datetime.datetime):
        value = value.date()
    check = check_of(field) if value is not None else None
    if isinstance(check, Each) and check.choices and (misfits := check.misfits(value)):
        choices = ", ".join(check.choices)
        raise RecipeError(f"Rule '{name}': there is no {check.noun} '{misfits[0]}'; `{key}` may hold {choices}.")
    if check and (wrong := check(value)):
        raise RecipeError(f"'{use}': {key} = {in_toml(value)} should be {wrong}.")
    return value


def _fits(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _in_words(options: tuple[Any, ...]) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text in quotes"}
    words[datetime.date] = "a date such as 2019-01-31"
    named = [words.get(o, 'a list of texts such as ["en", "de"]') for o in options if o is not types.NoneType]
    return " or ".join(named)


def in_toml(value: Any) -> str:
    """A value in TOML, for a message, in at most `WIDTH` columns."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    try:
        text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # a number of thousands of digits, or thousands of brackets
        return "(what stands there)"
    return shortened(shown(text), WIDTH)
