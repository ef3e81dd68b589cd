"""What the first visitor would wait for, made ready while a server begins and a browser opens."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def warm() -> Iterator[None]:
    """Make it ready in a thread meanwhile; the end waits for the one step that is being done."""
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

    from curation.errors import CurationError
    from dashboards.snapshot import ReplacedError

    # Of a damaged corpus, or one that a run replaces just now, whoever asks for it is told; a defect is seen here.
    with contextlib.suppress(CurationError, ReplacedError, duckdb.Error, OSError):
        for step in _steps():
            if ended.is_set():
                return
            step()
    # Streamlit looks for garbage after each script; what stays as long as the server need not be looked at again.
    gc.collect()
    gc.freeze()


def _steps() -> Iterator[Callable[[], object]]:
    """What the first pages ask of the corpus, in their order; a visitor who comes meanwhile waits for the same."""
    # The server answers before all of this is imported.
    from curation.corpus.corpus import Corpus
    from dashboards import session
    from dashboards.queries import overview
    from dashboards.queries.index import index, ordered
    from dashboards.snapshot import Snapshot
    from dashboards.view import View, facets

    recipes = session.workspace().recipes_run()
    if recipes:
        snapshot = Snapshot(Corpus.open(session.workspace(), session.usual(recipes)))
        yield lambda: overview.ledger(snapshot)
        yield lambda: overview.training_text(snapshot)
        yield lambda: overview.ledger(snapshot, "month")
        yield lambda: index(snapshot, facets(snapshot.manifest))
        yield lambda: ordered(snapshot, index(snapshot, facets(snapshot.manifest)), View.order)
