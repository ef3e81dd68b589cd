"""`curation dashboard`: the dashboard in a browser."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Rules, load_rules
from curation.errors import CurationError, UsageError

#: The first port to try, Streamlit's default, and how many to try if none is named.
PORT, TRIED = 8501, 20


def dashboard(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: 8501, or the next free port.")] = 0,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on; 127.0.0.1 is this machine only.")
    ] = "127.0.0.1",
    allow_writes: Annotated[
        bool,
        typer.Option("--allow-writes", help="With --host: let whoever reaches it also import, run, pin and decide."),
    ] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address without opening a browser.")] = False,
    rules: Rules = None,
    data: Data = Path("data"),
) -> None:
    """Open the dashboard: what is kept, what is removed, and what another rule would do."""
    import dashboards
    from curation.disk.workspace import Workspace
    from dashboards import hosts

    load_rules(rules)  # a mistake in them is an error here, not on a page
    Workspace(data).recipes_run()
    if not data.exists():
        raise UsageError(f"There is no folder {data}. Name a workspace with --data DIR, or collect some posts first.")
    chosen = _free(host, port)
    is_local = host in hosts.LOOPBACK
    if not is_local and allow_writes:
        output.say(
            f"Note: whoever reaches {host} can read every post in {data}, and import, run, pin and decide; "
            "there is no password."
        )
    elif not is_local:
        output.say(
            f"Note: whoever reaches {host} can read every post in {data}; there is no password. "
            "They can't change anything: that takes --allow-writes."
        )
    shown = sys.stdout.isatty() and not no_open
    server = str(Path(dashboards.__file__).with_name("server.py"))
    # -P: Python must not import a file of the current folder with the name of a module.
    command = [sys.executable, "-P", server, host, str(chosen), *(["open"] if shown else [])]
    output.say("Ctrl-C ends it.")
    # The server replaces this process, so that ending this command ends the server.
    # Settings for other Streamlit applications are not for the server.
    given = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    given["CURATION_DATA"] = str(data.absolute())
    given["CURATION_RULES"] = os.pathsep.join(str(path.absolute()) for path in rules or ())
    given["CURATION_HOST"] = host
    given["CURATION_WRITES"] = "local" if is_local else "allowed" if allow_writes else ""
    os.execve(sys.executable, command, given)


def _free(host: str, port: int) -> int:
    """The named port, or a free one.

    Raises `UsageError` if the host isn't this machine's, `CurationError` if the port can't be used.
    """
    elsewhere = UsageError(
        f"--host '{host}': this machine has no such address. "
        "127.0.0.1 is this machine alone, 0.0.0.0 lets others on its network look too."
    )
    if not host:  # would mean every address
        raise elsewhere
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
    except (socket.gaierror, UnicodeError):  # the second for an impossible name
        raise elsewhere from None
    for number in [port] if port else range(PORT, PORT + TRIED):
        try:
            with socket.create_server((host, number), family=family):
                return number
        except OSError as error:
            failure = error
        if failure.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise elsewhere
    what = f"Port {port}" if port else f"Every port from {PORT} to {PORT + TRIED - 1}"
    raise CurationError(
        f"{what} on {host} can't be used: {failure.strerror or failure}. Choose another one with --port N."
    )
