"""`curation ledger`: downloaded = kept + Σ removed."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Authors, Data, Json, RecipeName, Top, recipe_name
from curation.errors import InputError

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace


def ledger(
    recipe: RecipeName = "baseline",
    by: Annotated[str, typer.Option("--by", help="author, month, language or source.")] = "author",
    author: Authors = None,
    format: Annotated[str, typer.Option("--format", help="table, json, markdown or csv.")] = "table",
    top: Top = 25,
    wide: Annotated[bool, typer.Option("--wide", help="A column for each rule, however wide the terminal is.")] = False,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Show what was kept and what was removed, by rule."""
    from curation.corpus.corpus import Corpus
    from curation.corpus.ledger import Ledger
    from curation.corpus.ledger_text import render, table
    from curation.disk.workspace import Workspace

    space = Workspace(data)
    corpus = Corpus.open(space, recipe_name(recipe))
    account = Ledger.of(corpus, by, authors=author or ())
    account.require_balance(corpus)
    if json or format == "json":
        output.print_json(account.to_json())
    elif format == "table":
        output.print_text(table(account, 0 if by == "month" else top, 0 if wide else output.terminal_width()))
    else:
        output.print_text(render(account, format))
    _say_what_is_not_applied(space, corpus)


def _say_what_is_not_applied(space: Workspace, corpus: Corpus) -> None:
    """Tell how many decisions by hand the corpus lacks."""
    from curation.corpus.pins.pin_file import pins_of

    with contextlib.suppress(InputError):  # `curation run` tells what is wrong with the file
        pins = pins_of(space)
        if pins.pins or corpus.pins:
            from curation.corpus.pins.deciding import not_applied

            if waiting := not_applied(corpus, pins):
                are = "is" if waiting == 1 else "are"
                output.say(
                    f"{output.count(waiting, 'decision')} by hand {are} not applied to this corpus yet. "
                    f"Apply with: {space.command('run', corpus.recipe)}"
                )
