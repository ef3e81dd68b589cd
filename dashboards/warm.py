"""Prepare what the first visitor would wait for, while a server starts and a browser opens."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator


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
        for step in _steps():
            if ended.is_set():
                return
            step()
    # Streamlit collects garbage after each script; it need not look at what lives as long as the server.
    gc.collect()
    gc.freeze()


def _steps() -> Iterator[Callable[[], object]]:
    """The first pages' queries, in their order. A visitor who comes meanwhile waits for the same answers."""
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
