"""The server of `curation dashboard`: Streamlit, configured by that command alone.

    python -P dashboards/server.py HOST PORT [open]

While it starts and a browser opens, it prepares what the first visitor would wait for. It ignores other settings: a
`.streamlit/config.toml` in the home or in the current folder was written for another application, and could let other
machines in, fetch a font from outside, or show the code of a page that fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config, net_util
from streamlit.runtime.pages_manager import PagesManager

# The folder of this file is not on the path, nor is the one that the package lies in.
sys.path[:0] = [folder for folder in [str(Path(__file__).parent.parent)] if folder not in sys.path]

from dashboards import hosts, uploads  # noqa: E402

if TYPE_CHECKING:
    from dashboards.snapshot import Snapshot

#: Seconds between what the first pages ask and what others do.
PAUSE = 2.0


def main() -> None:
    """Serve until a signal ends it."""
    host, port, *opening = sys.argv[1:]
    del sys.argv[1:]
    config.get_config_files = lambda file_name: []
    # It calls a machine outside whenever a page of another address connects.
    net_util.get_external_ip = lambda: None
    # Otherwise a folder called `pages` makes the first page run without the frame that `app.py` draws.
    PagesManager.uses_pages_directory = False

    @contextlib.asynccontextmanager
    async def opened(app: st.App) -> AsyncIterator[None]:
        print(address(host, int(port)), flush=True)
        if opening:
            webbrowser.open(address(host, int(port)))
        try:
            with warm():
                yield
        finally:
            if jobs := sys.modules.get("dashboards.jobs"):
                await asyncio.to_thread(jobs.registry().end)
            await asyncio.to_thread(uploads.trays().close)

    routes = [Route(uploads.PATH, uploads.receive, methods=["POST"])]
    app = st.App(
        Path(__file__).with_name("app.py"),
        lifespan=opened,
        on_script_error=say,
        routes=routes,
        middleware=[Middleware(hosts.KnownHosts, names=hosts.known(host))],
    )
    interrupts: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    # With Python's own handler, asyncio installs another one, which sometimes loses a Ctrl-C at the end.
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
        # The channel of a session checks it too; pages and files do not (`dashboards.hosts`).
        "server.allowedHosts": list(hosts.known(host)),
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
        # One for each theme: one for both would switch the dark theme off for those who use it. They are
        # chosen so that small grey text, a lighter tint of the text's colour, is readable too.
        "theme.light.primaryColor": "#14664f",
        "theme.light.textColor": "#0b0c10",
        "theme.dark.primaryColor": "#1c8467",
    }


def address(host: str, port: int) -> str:
    """The address of the server for a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def say(error: Exception) -> bool:
    """Tell the visitor of a failed page what to do. The terminal shows the error."""
    st.error(
        "Something went wrong here that should not have. The terminal that runs `curation dashboard` says what and "
        "where: please report it. Reload the page, or go on with another one."
    )
    return True


@contextlib.contextmanager
def warm() -> Iterator[None]:
    """Prepare it in a thread; the end waits for the step that is running."""
    ended = threading.Event()
    thread = threading.Thread(target=_make, args=(ended,), name="warm")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        gc.unfreeze()


def _make(ended: threading.Event) -> None:
    import duckdb

    from curation.disk.states import ReplacedError
    from curation.errors import CurationError

    # A visitor hears of a damaged or a replaced corpus later; only a defect is an error here.
    with contextlib.suppress(CurationError, ReplacedError, duckdb.Error, OSError):
        for step in _steps(ended):
            if ended.is_set():
                return
            step()
    # Streamlit collects garbage after each script; it need not look at what lives as long as the server.
    gc.collect()
    gc.freeze()


def _steps(ended: threading.Event) -> Iterator[Callable[[], object]]:
    """What pages ask at first, in their order. A visitor who comes meanwhile waits for the same answers."""
    # The server answers before all of this is imported.
    from curation.corpus.corpus import Corpus
    from curation.corpus.selection import facets
    from dashboards import session
    from dashboards.queries import overview
    from dashboards.queries.index import index, ordered
    from dashboards.snapshot import Snapshot
    from dashboards.view import View

    recipes = session.workspace().recipes_run()
    if recipes:
        snapshot = Snapshot(Corpus.open(session.workspace(), session.usual(recipes)))
        yield lambda: overview.ledger(snapshot)
        yield lambda: overview.training_text(snapshot)
        yield lambda: overview.ledger(snapshot, "month")
        yield lambda: index(snapshot, facets(snapshot.manifest))
        yield lambda: ordered(snapshot, index(snapshot, facets(snapshot.manifest)), View.order)
        # The first page is drawn meanwhile.
        yield lambda: ended.wait(PAUSE)
        yield lambda: _compare(snapshot)
        yield lambda: _thresholds(snapshot)


def _compare(snapshot: Snapshot) -> None:
    """What Compare opens with: a change that memory can tell."""
    from curation.asking.variants import recipe_of
    from dashboards import session
    from dashboards.queries import compare, rules

    book = session.rule_book()
    request = rules.opening(snapshot, recipe_of(snapshot.corpus, book), book)
    if not request.nothing:
        compare.outcome(snapshot, session.workspace(), request, book)


def _thresholds(snapshot: Snapshot) -> None:
    """What *Thresholds and rules* opens with."""
    from dashboards import session
    from dashboards.queries import rules

    book = session.rule_book()
    rules.credit(snapshot, book)
    if measured := rules.measured_thresholds(snapshot, book):
        rules.swept(snapshot, rules.most_telling(snapshot, measured), book)


if __name__ == "__main__":
    main()
