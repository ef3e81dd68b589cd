"""A server on this machine that answers what a test tells it to, over a real socket, and fails when it is told to.

>>> with serving() as server:
...     server.on("/hello", lambda asked: {"name": asked.query.get("name")})
...     server.disturb("/hello", LIMITED, cut({"name": "ada"}))
"""

from __future__ import annotations

import contextlib
import json
import shutil
import ssl
import subprocess
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What is sent: JSON of `body`, unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json"
    missing: int = 0  # bytes of the end that are promised in Content-Length and never sent

    @property
    def bytes(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Handler = Callable[[Asked], Any]  # gives an `Answer`, or JSON that is sent with status 200

#: Answers of a server in trouble.
LIMITED = Answer({"error": "Too many requests"}, 429, {"Retry-After": "0"})
BROKEN = Answer({"error": "InternalServerError"}, 500)
MALFORMED = Answer(b'{"feed": [{"post": ')
PAGE_FOR_PEOPLE = Answer(b"<!doctype html><title>Welcome</title>", type="text/html; charset=utf-8")


def cut(body: Any) -> Answer:
    """An answer whose connection ends in its middle."""
    answer = Answer(body)
    return replace(answer, missing=len(answer.bytes) // 2 + 1)


class Loopback:
    """A scripted server. `asked` holds every request that it got."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._handlers: dict[str, Handler] = {}
        self._troubles: dict[str, deque[Answer]] = defaultdict(deque)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._scheme = "https" if context else "http"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        """Name and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        """The base URL."""
        return f"{self._scheme}://{self.host}"

    def on(self, path: str, handler: Handler | Any) -> None:
        """Let `handler` answer requests for a path; what can't be called is itself the answer."""
        self._handlers[path] = handler if callable(handler) else lambda _: handler

    def disturb(self, path: str, *troubles: Answer) -> None:
        """Answer the next requests for a path with these, each once, before the handler is asked again."""
        self._troubles[path].extend(troubles)

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for a path."""
        return [asked for asked in self.asked if asked.path == path]

    def answer(self, asked: Asked) -> Answer:
        """What is sent to a request."""
        self.asked.append(asked)
        if troubles := self._troubles[asked.path]:
            return troubles.popleft()
        handler = self._handlers.get(asked.path)
        if handler is None:
            return Answer({"error": "Not Found"}, 404)
        answer = handler(asked)
        return answer if isinstance(answer, Answer) else Answer(answer)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """A server for the length of a block."""
    server = Loopback(context)
    try:
        yield server
    finally:
        server.close()


def closed_address() -> str:
    """The address of a port that nobody listens at."""
    with serving() as server:
        return server.address


def self_signed(folder: Path) -> ssl.SSLContext:
    """A TLS context with a certificate that nobody vouches for; skips where `openssl` is missing."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl command here to make a certificate with")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _handler_of(server: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(address.query, keep_blank_values=True))
            answer = server.answer(Asked(address.path, query, headers, self.command, self.rfile.read(length)))
            body = answer.bytes
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.type, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - answer.missing])

        do_POST = do_GET  # noqa: N815 - the name that the base class looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handles
