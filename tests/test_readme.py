"""The README against reality."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from docs import examples
from docs.generate import FOLDER, README
from tests.test_docs import disagreements, in_a_fork

TEXT = README.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> list[examples.Example]:
    """The README's examples, run."""
    return examples.run(README, tmp_path_factory.mktemp("readme"), in_a_fork)


def test_every_example_gives_what_is_shown(run: list[examples.Example]) -> None:
    """What the README shows is what its commands print, letter for letter."""
    assert not disagreements(run)


def test_the_whole_line_is_shown(run: list[examples.Example]) -> None:
    """The README runs the demo, and collects, runs, accounts, explains and exports."""
    commands = " ".join(example.source for example in run)
    for words in ("make demo", "collect x-archive", "collect file", "run", "ledger", "explain", "export"):
        assert words in commands


def test_make_demo_is_what_the_makefile_runs() -> None:
    """The demo's output is that of the command in the Makefile, and the README names both targets."""
    makefile = (examples.ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"$(BIN)/{examples.MAKE_DEMO}" in makefile
    for target in ("demo", "test"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        assert f"make {target}" in TEXT


def test_python_takes_five_lines() -> None:
    """The example in Python has five statements, the import among them."""
    [block] = [block for block in examples.blocks(TEXT) if block.language == "python"]
    assert len(ast.parse("\n".join(block.lines)).body) == 5


def test_it_names_the_python_that_is_needed() -> None:
    """The README asks for the same Python as pyproject.toml."""
    project = (examples.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [needed] = re.findall(r'requires-python = ">=([\d.]+)"', project)
    assert f"Python {needed} or newer" in TEXT


def test_it_leads_to_every_page() -> None:
    """Each page of the documentation is linked."""
    missing = [page.name for page in sorted(Path(FOLDER).glob("*.md")) if f"(docs/{page.name}" not in TEXT]
    assert not missing


def test_it_is_short() -> None:
    """The README has at most 250 lines; the rest belongs into docs."""
    assert len(TEXT.splitlines()) <= 250
