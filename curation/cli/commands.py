"""The command `curation` put together: one file a verb, each of which imports what it needs when it runs."""

from __future__ import annotations

import typer

from curation.cli import (
    card,
    catalog,
    collect,
    compact,
    compare,
    credit,
    dashboard,
    demo,
    explain,
    export,
    forget,
    ledger,
    lineage,
    pins,
    report,
    run,
    sweep,
    trace,
)

app = typer.Typer(
    name="curation",
    help="Good training text out of a person's or a community's posts: what was kept, what was removed, and why.",
    epilog="The usual way: curation collect … → curation run → curation ledger → curation export",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich alone would double the time that `--help` takes
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for command in (
    collect.collect, run.run, ledger.ledger, explain.explain, compare.compare, report.report,
    credit.credit, sweep.sweep, pins.pin, pins.check, export.export, trace.trace, card.card,
    dashboard.dashboard, catalog.rules, catalog.recipes, catalog.sources, demo.demo, forget.forget, compact.compact,
    lineage.lineage, lineage.runs,
):  # fmt: skip
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(version("curation"))
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Options before the command."""
