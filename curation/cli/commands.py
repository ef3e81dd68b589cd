"""The command `curation` with its verbs, one file each.

A verb imports its needs when it runs, and a command line imports only its own verb: all of them take a tenth of a
second.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from curation.cli.values import name_values, recipe_first
from curation.cli.words import checked

if TYPE_CHECKING:
    from typer import Context


class _Command(TyperCommand):
    """A command that takes RECIPE as `--recipe` too, and names the damaged file if it fails because of one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        name_values(self.params)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]  # a private type
        self._refuse_empty_paths(args)
        first = next((param for param in self.params if param.param_type_name == "argument"), None)
        return super().parse_args(ctx, recipe_first(args) if first and first.name in ("recipe", "a") else args)

    def _refuse_empty_paths(self, args: Sequence[str]) -> None:
        """Raise `UsageError` for an option without its path, as of an unset variable: it would be this folder."""
        from curation.errors import UsageError

        paths = {name for param in self.params if _type_of(param) in (Path, list[Path]) for name in param.opts}
        for option, value in pairwise([*args, "."]):
            name, given, inline = option.partition("=")
            if name in paths and not (inline if given else value):
                raise UsageError(f"{name} is empty. Name a folder or a file; this folder is called: .")

    def invoke(self, ctx: Context) -> Any:  # type: ignore[override]  # Typer's type of contexts is private
        from curation.disk.damage import explaining
        from curation.disk.objects import ObjectFolder, is_object_url
        from curation.disk.workspace import Workspace
        from curation.errors import UsageError

        data, file, out = (ctx.params.get(name) for name in ("data", "file", "out"))
        near = [*file.absolute().parents] if isinstance(file, Path) else []
        near += [out] if isinstance(out, Path) else []
        if not isinstance(data, Path):
            return super().invoke(ctx)
        if is_object_url(data) and ctx.info_name == "run":
            return super().invoke(ctx)
        if is_object_url(data):
            raise UsageError(
                f"{ctx.info_name} works on a folder of this machine. Copy what lies in the store with: "
                f"curation fetch {ObjectFolder.at(data).url} --data DIR"
            )
        with explaining(Workspace(data), near):
            return super().invoke(ctx)


def _type_of(param: Any) -> Any:
    return param.type_descriptor.annotation


#: Each command, in the order of the help, and the module of `curation.cli` with its function.
COMMANDS = {
    "collect": "collect", "run": "run", "ledger": "ledger", "explain": "explain", "compare": "compare",
    "report": "report", "credit": "credit", "sweep": "sweep", "words": "vocabulary", "sql": "sql",
    "evaluate": "evaluate",
    "pin": "pins", "check": "pins", "review": "review", "export": "export", "trace": "trace", "views": "views",
    "train": "train", "generate": "generate", "card": "card", "dashboard": "dashboard", "rules": "catalog",
    "recipes": "catalog", "sources": "catalog", "demo": "demo", "forget": "forget", "compact": "compact",
    "fetch": "transfer", "upload": "transfer", "map": "maps", "lineage": "lineage", "runs": "lineage",
    "models": "models",
}  # fmt: skip
#: Functions with another name than their command.
FUNCTIONS = {"map": "map_posts"}


def app_for(words: Sequence[str]) -> typer.Typer:
    """The command for a command line: with its verb alone, or with all where it begins with none."""
    return _app_with(words[:1] if words and words[0] in COMMANDS else COMMANDS)


def _app_with(commands: Iterable[str]) -> typer.Typer:
    app = typer.Typer(
        name="curation",
        help="Good training text out of a person's or a community's posts: what was kept, what was removed, and why.",
        epilog="The usual way: curation collect … → curation run → curation ledger → curation export",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help: rich would double the time of `--help`
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    for name in commands:
        module = importlib.import_module(f"curation.cli.{COMMANDS[name]}")
        app.command(cls=_Command)(checked(getattr(module, FUNCTIONS.get(name, name))))
    app.callback()(root)
    return app


def _version(is_requested: bool) -> None:
    if is_requested:
        from importlib.metadata import version

        print(version("curation"))
        raise typer.Exit


def root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Options before the command."""


def __getattr__(name: str) -> Any:
    if name == "app":  # with all commands
        globals()[name] = _app_with(COMMANDS)
        return globals()[name]
    raise AttributeError(f"module 'curation.cli.commands' has no attribute '{name}'")
