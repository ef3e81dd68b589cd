"""A recipe: the ordered rules of a TOML file, validated, with a fingerprint.

::

    name = "mine"
    description = "what it is for"

    [[rule]]
    use = "min_words"          # which rule
    name = "too_short"         # optional: its name in verdicts; needed if a rule is used twice
    label = "Short posts"     # optional: what the ledger calls it
    min = 4                    # the rule's own parameters

The order of the file is the order of execution.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from curation.disk.path_names import impossible_name
from curation.errors import RecipeError, UsageError, did_you_mean
from curation.posts import RAW_COLUMNS
from curation.recipes.rule_tables import WIDTH, in_toml, rule_of
from curation.recipes.toml_text import toml_content
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND
from curation.rules import RuleBook
from curation.rules.base import Filter, Rule
from curation.rules.threads import Superseded
from curation.writing.characters import shown, whole
from curation.writing.terminal import shortened

DEFAULT = "baseline"
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
RECIPE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: Names that no rule can have, because columns of a ledger have them.
RESERVED = frozenset({"downloaded", "kept", "posts", BY_HAND, KEPT_BY_HAND})
#: The columns of a corpus that every run makes.
VERDICT = ("raw_text", "matched", "removed_by", BY_HAND, "rewritten_by", "duplicate_of")
#: Names that a measuring rule can't have, because a corpus or a stage has columns with these names.
TAKEN = frozenset(column.name for column in RAW_COLUMNS).union(VERDICT)


@dataclass(frozen=True)
class Recipe:
    """Ordered rules with a name."""

    name: str
    rules: tuple[Rule, ...]
    description: str = ""

    @classmethod
    def load(
        cls,
        recipe: str | Path = DEFAULT,
        *,
        book: RuleBook | None = None,
        changes: tuple[str, ...] = (),
        folder: Path | None = None,
    ) -> Recipe:
        """A shipped recipe by name, one of `folder`, or that of a TOML file. Raises `RecipeError`, before data is read.

        `changes` override parameters: `rule.parameter=value`, with the value in TOML. `folder` is a workspace's, where
        the name of a recipe is that of its file.
        """
        text, origin = read_recipe(str(recipe), folder)
        try:
            content = toml_content(text)
        except ValueError as error:
            raise RecipeError(f"{origin} is not valid TOML: {error}.") from error
        for change in changes:
            _change(content, change)
        loaded = cls.parse(content, origin=origin, default_name=default_name(origin), book=book)
        if folder and Path(origin).parent == folder and loaded.name != default_name(origin):
            raise RecipeError(f"{origin}: its name is '{loaded.name}'. Give the file and the recipe one name.")
        return loaded

    @classmethod
    def parse(
        cls,
        content: dict[str, Any],
        *,
        origin: str = "The recipe",
        default_name: str = "",
        book: RuleBook | None = None,
    ) -> Recipe:
        """A recipe from the content of a TOML file. Raises `RecipeError`."""
        book, keys = book or RuleBook.load(), ("name", "description", "rule")
        if unknown := sorted(set(content).difference(keys)):
            raise RecipeError(f"{origin}: unknown key '{unknown[0]}'.{did_you_mean(unknown[0], keys)}")
        name = content.get("name", default_name)
        if not isinstance(name, str) or not RECIPE_NAME.fullmatch(name):
            raise RecipeError(
                f"{origin}: the name {_shown(name)} can't be that of a folder. Use letters, digits, '-', '_' and '.', "
                "at most 100."
            )
        tables = content.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise RecipeError(f"{origin}: write each rule as a table of its own that begins with [[rule]].")
        rules = []
        for number, table in enumerate(tables, start=1):
            try:
                rules.append(rule_of(table, book))
            except RecipeError as error:
                raise RecipeError(f"{origin}, rule {number}: {error}") from error
        description = content.get("description", "")
        if not isinstance(description, str):
            raise RecipeError(f"{origin}: description = {in_toml(description)} should be a text in quotes.")
        recipe = cls(name, tuple(rules), whole(description).strip())
        recipe._check_names(origin)
        return recipe

    @classmethod
    def of_manifest(
        cls, manifest: Mapping[str, Any], *, book: RuleBook | None = None, changes: Sequence[str] = ()
    ) -> Recipe:
        """The recipe of a corpus, from its manifest, with `changes` as in `load`; `book` must have its rules.

        Raises `RecipeError`, or `UsageError` for a malformed change.
        """
        recorded, book = manifest["recipe"], book or RuleBook.load()
        rules = [
            {"use": rule["use"], "name": rule["name"], "label": rule["label"]}
            | {key: value for key, value in rule["parameters"].items() if value is not None}
            for rule in recorded["rules"]
        ]
        for rule in rules:
            retired = book.rules[rule["use"]].retired if rule["use"] in book.rules else {}
            for name in [name for name in rule if rule[name] in retired.get(name, ())]:
                del rule[name]
        content = {"name": recorded["name"], "description": recorded.get("description", ""), "rule": rules}
        for change in changes:
            _change(content, change)
        try:
            return cls.parse(content, origin=f"The recipe of the corpus {recorded['name']}", book=book)
        except RecipeError as error:
            if all(rule["use"] in book.rules for rule in rules):
                raise
            raise RecipeError(f"{error} If it is a rule of your own, name its file: --rules FILE") from error

    def named(self, name: str) -> Recipe:
        """This recipe under another name, that of its corpus. Raises `UsageError` for a name that can't be one."""
        if not RECIPE_NAME.fullmatch(name) or name.endswith(".toml"):
            raise UsageError(
                f"The name {_shown(name)} can't be that of a corpus. Use letters, digits, '-', '_' and '.', at most "
                "100, and no '.toml' at the end."
            )
        if name in shipped() and name != self.name:
            raise UsageError(f"'{name}' is a shipped recipe, so the corpus of another one can't have its name.")
        return dataclasses.replace(self, name=name)

    def over_edits(self) -> Recipe:
        """This recipe as it runs over posts with edits: earlier versions go first."""
        if any(rule.use == Superseded.use for rule in self.rules):
            return self
        taken = any(rule.name == Superseded.use for rule in self.rules)
        implied = Superseded(name=f"{Superseded.use}_edits" if taken else "")
        return dataclasses.replace(self, rules=(implied, *self.rules))

    def over_posts_of(self, other: Recipe) -> Recipe:
        """This recipe as it runs over the posts of `other`."""
        return self.over_edits() if any(rule.use == Superseded.use for rule in other.rules) else self

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that change if a post may get another verdict or text."""
        content = [
            [rule.use, rule.version, rule.name, rule.values(), [(f.name, f.version) for f in rule.functions()]]
            for rule in self.rules
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The recipe for a manifest."""
        return {
            "name": self.name,
            "description": self.description,
            "fingerprint": self.fingerprint,
            "rules": [
                {
                    "name": rule.name,
                    "use": rule.use,
                    "kind": rule.kind,
                    "label": rule.label,
                    "parameters": rule.values(),
                    "measure": rule.name if isinstance(rule, Filter) and rule.measure() else None,
                    "columns": list(rule.adds()),
                }
                for rule in self.rules
            ],
        }

    def _check_names(self, origin: str) -> None:
        seen: set[str] = set()
        columns: dict[str, str] = {}  # the rule by the column that it adds
        for number, rule in enumerate(self.rules, start=1):
            where = f"{origin}, rule {number}"
            if not NAME.fullmatch(rule.name):
                raise RecipeError(
                    f"{where}: the name {_shown(rule.name)} is not one. Use small letters, digits and '_'."
                )
            if rule.name in RESERVED:
                raise RecipeError(f"{where}: '{rule.name}' is a word of the ledger. Give the rule another name.")
            if rule.name in seen:
                raise RecipeError(
                    f"{where}: there is a rule '{rule.name}' already. Give one of the two a name of its own: "
                    f'name = "{rule.name}_{number}".'
                )
            for column in rule.adds():
                if column in TAKEN:
                    raise RecipeError(
                        f"{where}: '{column}' is a column of every corpus, so what this rule measures can't be "
                        "called so. Give the rule another name."
                    )
                if column in columns:
                    raise RecipeError(
                        f"{where}: rule '{columns[column]}' has a column '{column}' already. Give one of the two rules "
                        "another name."
                    )
            seen.add(rule.name)
            columns |= dict.fromkeys(rule.adds(), rule.name)


def as_run(manifest: Mapping[str, Any], recipe: Recipe) -> Recipe | None:
    """The recipe as it made the corpus with this manifest, whatever its name; None if another one made it."""
    fingerprint = manifest["recipe"]["fingerprint"]
    return next((each for each in (recipe, recipe.over_edits()) if each.fingerprint == fingerprint), None)


def shipped() -> dict[str, str]:
    """The texts of the shipped recipes by name."""
    folder = files("curation.recipes")
    return {
        path.name.removesuffix(".toml"): path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".toml")
    }


def default_name(origin: str) -> str:
    """The name of a recipe that has none in its file."""
    return Path(origin).name.removesuffix(".toml")


def read_recipe(recipe: str, folder: Path | None = None) -> tuple[str, str]:
    """The text of a recipe, shipped, of a workspace's `folder` or from a file, and its origin. Raises `RecipeError`."""
    recipes = shipped()
    if recipe in recipes:
        return recipes[recipe], recipe
    own = folder / f"{recipe}.toml" if folder and RECIPE_NAME.fullmatch(recipe) else None
    path = own if own and own.is_file() else Path(recipe)
    if why := impossible_name(path):
        raise RecipeError(f"There is no recipe '{shortened(shown(recipe), WIDTH)}': {why}.")
    if path.suffix != ".toml" and not path.is_file():
        there = {*recipes, *(each.name.removesuffix(".toml") for each in folder.glob("*.toml"))} if folder else recipes
        place = f", none in {folder}," if folder else ","
        raise RecipeError(
            f"There is no shipped recipe '{shown(recipe)}'{place} and no such file.{did_you_mean(recipe, there)}"
        )
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except FileNotFoundError:
        raise RecipeError(f"There is no file {path}. Shipped recipes: {', '.join(recipes)}.") from None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 text (byte {error.start}), so it can't be a recipe.") from error
    except OSError as error:
        raise RecipeError(f"{path} can't be read: {error.strerror}.") from error


def _change(content: dict[str, Any], change: str) -> None:
    place, equals, value = change.partition("=")
    name, dot, parameter = place.strip().partition(".")
    if not equals or not dot:
        raise UsageError(f"--set {change}: write it as rule.parameter=value, such as min_words.min=4.")
    try:
        parsed = toml_content(f"value = {value}")["value"]
    except ValueError:
        parsed = value  # a bare word is a text
    rules = content.get("rule", [])
    rules = [t for t in rules if isinstance(t, dict)] if isinstance(rules, list) else []
    tables = [t for t in rules if t.get("name", t.get("use")) == name]
    if not tables:
        names = [str(t.get("name", t.get("use"))) for t in rules]
        raise RecipeError(f"--set {change}: the recipe has no rule '{name}'.{did_you_mean(name, names)}")
    tables[0][parameter.strip()] = parsed


def _shown(name: Any) -> str:
    return shortened(repr(name), WIDTH) if isinstance(name, str) else in_toml(name)
