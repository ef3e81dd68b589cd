"""The rules: shipped ones, those of other packages, and those of a user's own files.

A package adds rules through the entry-point group `curation.rules` (any name → a subclass of `Rule`). The option
`--rules path/to/file.py` adds all rules of a file.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from curation.errors import RecipeError, UsageError, did_you_mean
from curation.rules.base import Dedup, Filter, Rule, Transform
from curation.rules.parameters import key_of

#: The modules of shipped rules, in the order of the docs.
_SHIPPED = ("encoding", "cleanup", "authorship", "length", "language", "quality", "duplicates", "threads")


@dataclass(frozen=True)
class RuleBook:
    """The rules that a recipe may use, by their `use`."""

    rules: dict[str, type[Rule]] = field(default_factory=dict)

    @classmethod
    def load(cls, files: Iterable[Path] = ()) -> RuleBook:
        """The shipped rules, those of installed packages, and those of the user's `files`.

        Raises `UsageError` for a file that can't be read or that defines no rule.
        """
        modules = [importlib.import_module(f"curation.rules.{name}") for name in _SHIPPED]
        rules = {rule.use: rule for module in modules for rule in _rules_of(module)}
        for entry in entry_points(group="curation.rules"):
            rule = entry.load()
            rules[rule.use] = rule
        for path in files:
            classes = _rules_of(_import(path))
            if not classes:
                raise UsageError(
                    f"{path} defines no rule. A rule is a frozen dataclass that subclasses Transform, Filter or "
                    "Dedup of curation.rules.base and has `use` and `title`; see docs/extending.md."
                )
            rules |= {rule.use: rule for rule in classes}
        return cls(rules)

    def find(self, use: str) -> type[Rule]:
        """The rule with this name. Raises `RecipeError`."""
        if use not in self.rules:
            raise RecipeError(f"There is no rule '{use}'.{did_you_mean(use, self.rules)}")
        return self.rules[use]

    def class_of(self, rule: Mapping[str, Any]) -> type[Rule]:
        """The class of a rule in a manifest; for a rule that is not known here, the class of its kind."""
        return self.rules.get(rule["use"]) or _BY_KIND.get(rule.get("kind", ""), Rule)


_BY_KIND: dict[str, type[Rule]] = {"transform": Transform, "filter": Filter, "dedup": Dedup}


@functools.cache
def installed() -> RuleBook:
    """The shipped rules and those of installed packages, loaded once."""
    return RuleBook.load()


def describe(rule: type[Rule]) -> dict[str, Any]:
    """A rule in the words of its class: for the command line, the docs and the dashboard."""
    summary, _, details = (inspect.getdoc(rule) or "").partition("\n")
    return {
        "use": rule.use,
        "kind": rule.kind,
        "label": rule.title,
        "summary": summary,
        "details": details.strip(),
        "parameters": [
            {
                "name": key_of(field),
                "default": "" if field.default is None else json.dumps(field.default, ensure_ascii=False, default=str),
                "doc": field.metadata["doc"],
            }
            for field in rule.parameters()
        ],
    }


def _rules_of(module: ModuleType) -> list[type[Rule]]:
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Rule)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
        and isinstance(getattr(value, "use", None), str)
    ]


def _import(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"There is no file {path} to read rules from.")
    name = f"curation_rules_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is not a Python file; give one that ends with .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageError(f"{path} can't be imported as Python: {type(error).__name__}: {error}") from error
    # Worker processes can't import a module that was loaded from a path, so its functions travel whole.
    cloudpickle.register_pickle_by_value(module)
    return module
