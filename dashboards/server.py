"""The server of `curation dashboard`: Streamlit, told what to do by that command alone.

    python -P dashboards/server.py HOST PORT [open]

Other settings do not count. A `.streamlit/config.toml` in the home or in the current folder was written for another
application: it could let other machines in, fetch a font from outside, or show the code of a page that fails.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config, net_util
from streamlit.runtime.pages_manager import PagesManager

# The folder of this file is not on the path, nor is the one that the package lies in.
sys.path[:0] = [folder for folder in [str(Path(__file__).parent.parent)] if folder not in sys.path]

from dashboards.warm import warm  # noqa: E402

#: Names of this machine for itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main() -> None:
    """Serve until a signal ends it."""
    host, port, *opening = sys.argv[1:]
    del sys.argv[1:]
    config.get_config_files = lambda file_name: []  # type: ignore[assignment]
    # It asks a machine outside, whenever a page of another address wants to connect.
    net_util.get_external_ip = lambda: None
    # Else a folder called `pages` makes the first visitor's page run without the frame that `app.py` draws.
    PagesManager.uses_pages_directory = False

    @contextlib.asynccontextmanager
    async def opened(app: st.App) -> AsyncIterator[None]:
        print(address(host, int(port)), flush=True)
        if opening:
            webbrowser.open(address(host, int(port)))
        with warm():
            yield

    app = st.App(Path(__file__).with_name("app.py"), lifespan=opened, on_script_error=say)
    interrupts: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    # With Python's own handler in place, asyncio puts another there, which now and then loses a Ctrl-C at the end.
    signal.signal(signal.SIGINT, interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        app.run(config=settings(host, int(port)))
    if interrupts:
        sys.exit(130)


def settings(host: str, port: int) -> dict[str, Any]:
    """What differs from Streamlit's defaults."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        # A page elsewhere whose name is made to point here (DNS rebinding) gets nothing.
        "server.allowedHosts": [*LOOPBACK, "[::1]"] if host in LOOPBACK else [],
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.maxUploadSize": 1,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.allowedOrigins": [],
        "logger.level": "error",
        "logger.enableRich": False,
        "logger.hideWelcomeMessage": True,
        # For each of the two: a colour for both would leave those without a dark page who asked for one. They are
        # chosen so that small grey words, which are the text's colour thinned, can be read too.
        "theme.light.primaryColor": "#14664f",
        "theme.light.textColor": "#0b0c10",
        "theme.dark.primaryColor": "#1c8467",
    }


def address(host: str, port: int) -> str:
    """Where a browser finds it."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def say(error: Exception) -> bool:
    """Say of a page that fails what a person can do; what failed stands on the terminal."""
    st.error(
        "Something went wrong here that should not have. The terminal that runs `curation dashboard` says what and "
        "where: please report it. Reload the page, or go on with another one."
    )
    return True


if __name__ == "__main__":
    main()
