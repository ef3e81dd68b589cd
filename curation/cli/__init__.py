"""The command `curation`: one file a verb, each of which imports what it needs when it runs.

Results go to stdout, everything else to stderr. Exit codes: 0 done · 1 failed · 2 wrong usage or a wrong recipe ·
3 nothing to do · 4 a check that was asked for did not hold.
"""

from __future__ import annotations

import os
import sys

import typer

from curation.cli import catalog, collect, demo, explain, export, ledger, run
from curation.errors import CurationError

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
    collect.collect, run.run, ledger.ledger, explain.explain, export.export,
    catalog.rules, catalog.recipes, catalog.sources, demo.demo,
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


def main() -> None:
    """Run the command line; the entry point."""
    for stream in (sys.stdout, sys.stderr):
        # Posts are in every script; a terminal that can't show one gets an escape, not a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except CurationError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("Interrupted. What was there before is unchanged; run the command again to complete it.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        _fail("Not enough memory. Try again with a smaller --memory-limit, or with fewer --workers.", 1)
    except Exception as error:
        if os.environ.get("CURATION_DEBUG"):
            raise
        _fail(
            f"Something went wrong that should not have: {type(error).__name__}: {_first_line(error)} "
            "What was there before is unchanged. Run the command again with CURATION_DEBUG=1 in the environment "
            "to see where it happened, and report it.",
            1,
        )


def _fail(message: str, code: int) -> None:
    print(f"curation: {message}", file=sys.stderr)
    sys.exit(code)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]
