"""`curation dashboard`: see it in a browser."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Rules, load_rules
from curation.errors import CurationError, UsageError

#: The first port that is tried; it is Streamlit's own.
PORT = 8501
#: Ports that are tried one after the other when none is named.
TRIED = 20


def dashboard(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: 8501, or the next one that is free.")] = 0,
    host: Annotated[str, typer.Option("--host", help="Who may look: 127.0.0.1 is this machine alone.")] = "127.0.0.1",
    open: Annotated[bool | None, typer.Option("--open/--no-open", help="Open it in a browser.")] = None,
    rules: Rules = None,
    data: Data = "data",  # type: ignore[assignment]
) -> None:
    """Look at corpora in a browser: what was kept, what was removed, and what another rule would do."""
    from curation.workspace import Workspace

    load_rules(rules)  # a mistake in them is said here, not on a page
    Workspace(data).recipes_run()
    if not data.exists():
        raise UsageError(f"There is no folder {data}. Name a workspace with --data DIR, or collect some posts first.")
    chosen = _free(host, port)
    if host not in ("127.0.0.1", "localhost", "::1"):
        output.say(f"Note: whoever reaches {host} can read every post in {data}; there is no password.")
    environment = os.environ | {
        "CURATION_DATA": str(data.absolute()),
        "CURATION_RULES": os.pathsep.join(str(path.absolute()) for path in rules or ()),
    }
    shown = sys.stdout.isatty() if open is None else open
    command = [sys.executable, "-m", "streamlit", "run", str(_app()), *_settings(host, chosen, shown)]
    output.say("Ctrl-C ends it.")
    print(f"http://{f'[{host}]' if ':' in host else host}:{chosen}", flush=True)
    # The server takes the place of this process, so that what ends this command ends the server.
    os.execve(sys.executable, command, environment)


def _app() -> Path:
    import dashboards

    return Path(dashboards.__file__).with_name("app.py")


def _settings(host: str, port: int, shown: bool) -> list[str]:
    """What the server is told, whatever a file of settings on this machine says."""
    settings = {
        "server.address": host,
        "server.port": port,
        "server.headless": str(not shown).lower(),
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.showEmailPrompt": "false",
        "server.maxUploadSize": 1,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "global.developmentMode": "false",
        "logger.level": "error",
        "theme.primaryColor": "#1a7f64",
    }
    return [word for name, value in settings.items() for word in (f"--{name}", str(value))]


def _free(host: str, port: int) -> int:
    """The port that was asked for, or one that is free. Raises `CurationError` when it isn't."""
    for number in [port] if port else range(PORT, PORT + TRIED):
        try:
            with socket.create_server((host, number), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return number
        except OSError as error:
            failure = error
    what = f"Port {port}" if port else f"Every port from {PORT} to {PORT + TRIED - 1}"
    raise CurationError(
        f"{what} on {host} can't be used: {failure.strerror or failure}. Choose another one with --port N."
    )
