"""`curation ledger`: downloaded = kept + Σ removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.cli import output
from curation.cli.options import Authors, Data, Json, RecipeName, Top, recipe_name


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

    corpus = Corpus.open(data, recipe_name(recipe))
    account = Ledger.of(corpus, by, authors=author or ())
    account.require_balance(corpus)
    if json or format == "json":
        output.print_json(account.to_json())
    elif format == "table":
        output.print_text(table(account, 0 if by == "month" else top, 0 if wide else output.terminal_width()))
    else:
        output.print_text(render(account, format))
