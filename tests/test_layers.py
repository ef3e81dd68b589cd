"""The shelves of the program, drawn from its imports: none runs back up, and no files import each other in a circle.

An import counts wherever it stands: at the top of a file, inside a function, or for type checkers alone. Sources and
dialects that are named in a table and imported by name stand on their own shelf and need no arrow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: From the ground up. A module may import what stands on its own shelf or below it.
SHELVES = (
    "errors", "posts", "versions", "writing", "options", "sql", "disk", "functions", "sameness", "rules", "sources",
    "collecting", "recipes", "engines", "corpus", "asking", "mapping", "cards", "exports", "tracking", "training",
    "report", "forgetting", "dashboards", "cli",
)  # fmt: skip

#: The only files at the root of `curation`.
AT_THE_ROOT = {"__init__.py", "__main__.py", "errors.py", "posts.py", "versions.py"}

#: Both speak for the whole program: the names that scripts import, and `python -m curation`.
ENTRANCES = {"curation", "curation.__main__"}

#: Words of texts behind a number that may be 1, and beginnings of texts whose number can't.
NEVER_ONE = {"len(group) - 1 more", "self._largest characters", "most characters", "several posts", "posts posts hang"}
COUNTED = re.compile(r" (?:more )?(?:posts|files|rows|lines|authors|clusters|rules|texts|records|words|characters)\b")

LONGEST = 60  # lines of a function
MOST = 8  # parameters of a function


def _modules(root: Path) -> dict[str, ast.Module]:
    trees = {}
    for top in ("curation", "dashboards"):
        for path in sorted((root / top).rglob("*.py")):
            words = path.relative_to(root).with_suffix("").parts
            name = ".".join(words[:-1] if words[-1] == "__init__" else words)
            trees[name] = ast.parse(path.read_text(encoding="utf-8"), path)
    return trees


def imports(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """Those of `names` that a module imports, in whatever place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: imports name their package in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in names or node.module in names:
                    yield inner if inner in names else str(node.module)


def shelf(module: str) -> str:
    """The shelf that a module stands on."""
    words = module.split(".")
    return words[0] if words[0] == "dashboards" or len(words) == 1 else words[1]


def upward(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Imports of something higher, as the two modules."""
    height = {name: place for place, name in enumerate(SHELVES)}
    return {
        (module, other)
        for module, others in graph.items()
        for other in others
        if module not in ENTRANCES and (other in ENTRANCES or height[shelf(other)] > height[shelf(module)])
    }


def circles(graph: dict[str, set[str]]) -> set[tuple[str, ...]]:
    """Groups of modules each of which reaches every other one."""
    reach = {module: set(others) for module, others in graph.items()}
    for middle in graph:
        for module in graph:
            if middle in reach[module]:
                reach[module] |= reach[middle]
    groups = (tuple(sorted(b for b in reach[a] if a in reach[b])) for a in graph if a in reach[a])
    return {group for group in groups if len(group) > 1}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    """Every module of the program, parsed."""
    return _modules(ROOT)


@pytest.fixture(scope="module")
def graph(modules: dict[str, ast.Module]) -> dict[str, set[str]]:
    """What each module imports of the program."""
    names = set(modules)
    return {name: set(imports(tree, names)) - {name} for name, tree in modules.items()}


def functions(modules: dict[str, ast.Module]) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its full name."""

    def within(node: ast.AST, name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            inner = f"{name}.{child.name}" if hasattr(child, "name") else name
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield inner, child
            yield from within(child, inner)

    for name, tree in modules.items():
        yield from within(tree, name)


def test_every_module_stands_on_a_shelf(modules: dict[str, ast.Module]) -> None:
    """The order of shelves names every folder, and every shelf exists."""
    assert {shelf(name) for name in modules if name not in ENTRANCES} == set(SHELVES)


def test_the_root_holds_five_modules() -> None:
    """Whatever has a subject stands in the folder of that subject."""
    assert {path.name for path in (ROOT / "curation").glob("*.py")} == AT_THE_ROOT


def test_no_import_runs_up(graph: dict[str, set[str]]) -> None:
    """A shelf knows nothing of the shelves above it."""
    arrows = upward(graph)
    assert not arrows, sorted(arrows)


def test_no_files_import_each_other_in_a_circle(graph: dict[str, set[str]]) -> None:
    """Two files that need each other are one file, or share a third one below them."""
    assert circles(graph) == set()


def test_no_function_is_long(modules: dict[str, ast.Module]) -> None:
    """A function fits a screen."""
    long = {name for name, node in functions(modules) if (node.end_lineno or node.lineno) - node.lineno >= LONGEST}
    assert not long, sorted(long)


def test_no_function_takes_many_parameters(modules: dict[str, ast.Module]) -> None:
    """What takes more takes a record of options, commands too; `self` and `cls` are not counted."""
    many = set()
    for name, node in functions(modules):
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        counted = [one for one in every if one and one.arg not in ("self", "cls")]
        if len(counted) > MOST:
            many.add(name)
    assert not many, sorted(many)


def test_every_folder_says_what_lives_there(modules: dict[str, ast.Module]) -> None:
    """The `__init__` of a folder has a docstring; only pages, which Streamlit runs as scripts, need none."""
    folders = {name.rpartition(".")[0] for name in modules} - {"", "dashboards.pages"}
    assert folders <= set(modules)
    assert not [name for name in sorted(folders) if not ast.get_docstring(modules[name])]


@pytest.mark.parametrize(
    "line",
    [
        "from curation.cli import output",
        "import curation.cli.output",
        "def late():\n    from curation.cli.output import say",
        "if TYPE_CHECKING:\n    from curation.cli.output import Progress",
        "import curation",
    ],
)
def test_an_import_is_seen_wherever_it_stands(line: str) -> None:
    """An arrow up is found at the top of a file, in a function and under TYPE_CHECKING; so is the whole package."""
    names = {"curation", "curation.cli", "curation.cli.output", "curation.posts"}
    graph = {name: set() for name in names} | {"curation.posts": set(imports(ast.parse(line), names))}
    assert {module for module, _ in upward(graph)} == {"curation.posts"}


def test_a_circle_is_found_by_any_length() -> None:
    """Three files in a ring are one circle, and what only hangs on it is not part of it."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == {("a", "b", "c")}


def _counts_by_hand(tree: ast.Module) -> Iterator[str]:
    """Texts like `f"{number:,} posts"`, but for constants and for numbers that are compared with 1 beside them."""
    compared = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.IfExp) for inner in ast.walk(node)}
    for text in ast.walk(tree):
        if not isinstance(text, ast.JoinedStr) or id(text) in compared:
            continue
        for value, words in pairwise(text.values):
            if not isinstance(value, ast.FormattedValue) or not isinstance(words, ast.Constant):
                continue
            name, form = ast.unparse(value.value), value.format_spec and ast.unparse(value.format_spec)
            is_fixed = name.isupper() or f"{name}{words.value}".startswith(tuple(NEVER_ONE))
            if form == "f','" and COUNTED.match(str(words.value)) and not is_fixed:
                yield f"{{{name}}}{words.value}"


def test_one_helper_makes_plurals(modules: dict[str, ast.Module]) -> None:
    """`1 posts` is no English: `curation.writing.terminal.count` writes numbers before nouns."""
    by_hand = {f"{name}: {text}" for name, tree in modules.items() for text in _counts_by_hand(tree)}
    assert not by_hand, "\n".join(sorted(by_hand))
