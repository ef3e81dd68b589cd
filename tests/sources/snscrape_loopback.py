"""A web server on this machine that plays whichever site a scraper asks for, told by the header `Host`."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from curation.sources.http.patience import Patience
from curation.sources.snscrape_feed import SnscrapeFeed

#: Tries as often as in earnest, and waits for hardly anything.
HASTY = Patience(tries=6, first=0.001, ceiling=5.0)


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case


@dataclass(frozen=True)
class Answer:
    """An answer; of one that is cut the connection breaks before its end."""

    body: str = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Site:
    """The server: what it answers, what it was asked, and answers that come before the true ones."""

    answer: Callable[[Asked], Answer] = lambda asked: Answer("nothing here", 404)
    asked: list[Asked] = field(default_factory=list)
    instead: deque[Answer | None] = field(default_factory=deque)  # None: the true one
    address: str = ""

    def feed(self, scraper: str, target: str, **options: object) -> SnscrapeFeed:
        """A feed that asks this server, with little patience."""
        return SnscrapeFeed(scraper, target, base_url=self.address, patience=HASTY, pause=0.0, **options)  # type: ignore[arg-type]

    def paths(self) -> list[str]:
        """What was asked, in order, without parameters."""
        return [asked.path for asked in self.asked]


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """A site on a free port, for as long as the context lasts."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, headers.get("host", ""), parts.path, query, headers)
            site.asked.append(asked)
            try:
                answer = (site.instead.popleft() if site.instead else None) or site.answer(asked)
            except ValueError:
                answer = Answer("bad request", 400)
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if answer.cut else body)
            self.close_connection = True

        do_GET = do_POST = _serve  # noqa: N815 - so http.server calls them

        def log_message(self, *args: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
