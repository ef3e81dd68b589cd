"""Values on the command line: their names in the help, their two forms, and what the Tab key completes."""

from __future__ import annotations

import re
import subprocess

import pytest

from curation.cli.commands import app
from tests.cli.shell import COMMAND, curation, environment, inside


@pytest.fixture(scope="module")
def data(demonstrated):
    """The sample, landed and curated; only read here."""
    return demonstrated / "data"


def test_help_names_values_in_words():
    """No help shows a type of Python."""
    for command in app.registered_commands:
        assert command.callback is not None
        help = inside(command.name or command.callback.__name__, "--help").out
        assert not re.search(r"<(str|int|float|path|list|bool)", help), help


@pytest.mark.parametrize(
    "words",
    [("ledger", "{}"), ("card", "{}"), ("credit", "{}"), ("explain", "1234040751810933684", "{}"),
     ("sweep", "{}", "min_words.min", "1..3"), ("compare", "{}", "--set", "min_words.min=5")],
)  # fmt: skip
def test_a_recipe_has_two_forms(data, words):
    """`--recipe NAME`, wherever it stands, is the argument RECIPE."""
    argument = [word.format("baseline") for word in words]
    option = [word for word in words if word != "{}"]
    said = inside(*argument, data=data)
    assert said.rc == 0, said.err
    assert inside(*option, "--recipe", "baseline", data=data).out == said.out
    assert inside(option[0], "--recipe=baseline", *option[1:], data=data).out == said.out


def test_two_recipes_are_one_too_many(data):
    """Naming two is refused in both forms."""
    assert inside("ledger", "baseline", "--recipe", "strict", data=data).rc == 2
    assert inside("explain", "1234040751810933684", "baseline", "--recipe", "strict", data=data).rc == 2


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("curation led", ["ledger"]),
        ("curation run str", ["strict"]),
        ("curation ledger --data {data} base", ["baseline"]),
        ("curation collect blue", ["bluesky"]),
        ("curation rules near", ["near_duplicate"]),
        ("curation run --mem", ["--memo", "--memory-limit"]),
    ],
)
def test_the_tab_key_completes(data, typed, completed):
    """Commands, options, recipes and corpora, sources and rules, as bash asks for them."""
    words = typed.format(data=data)
    asked = environment(_CURATION_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
    ended = subprocess.run(
        [COMMAND[0], "-c", "import sys; sys.argv[0] = 'curation'; from curation.cli import main; main()"],
        env=asked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert sorted(ended.stdout.split()) == completed, ended.stderr


def test_completion_can_be_installed():
    """The option is there, and a shell's script comes out of it."""
    assert "--install-completion" in curation("--help").out
