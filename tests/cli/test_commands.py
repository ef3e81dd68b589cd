"""The table of commands, and what a command line imports of it."""

from __future__ import annotations

import subprocess
import sys

from curation.cli.commands import COMMANDS, app, app_for


def test_the_table_names_each_command_as_the_command_line_does() -> None:
    """A function that is called otherwise than its command in the table would answer to another name."""
    assert [info.callback.__name__ for info in app.registered_commands if info.callback] == list(COMMANDS)


def test_a_command_line_without_a_verb_has_all_commands() -> None:
    """The help, a completion and a wrong word need them all."""
    for words in ([], ["--help"], ["nonsense"], ["--version", "run"]):
        assert len(app_for(words).registered_commands) == len(COMMANDS)


def test_a_command_line_imports_its_own_verb_alone() -> None:
    """The other verbs would add a tenth of a second to every command."""
    code = (
        "import sys; from curation.cli.commands import app_for; app_for(['ledger', '--help']); "
        "print('curation.cli.ledger' in sys.modules, 'curation.cli.train' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
