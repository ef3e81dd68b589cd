"""Names by which a browser may reach a server that only this machine reaches.

A page elsewhere can give its own name the address 127.0.0.1 (DNS rebinding). The browser then takes the dashboard for
a part of that page, which could read every post. Only the `Host` of the request tells the two apart.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Names of this machine for itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: What a request under another name gets.
REFUSED = b"This dashboard does not answer to this name. Open the address that `curation dashboard` prints.\n"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on `host`."""
    with contextlib.suppress(OSError, UnicodeError):
        addresses = {
            str(each[4][0]).partition("%")[0] for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        }
        return bool(addresses) and all(ipaddress.ip_address(each).is_loopback for each in addresses)
    return host in LOOPBACK


def name_of(host: str) -> str:
    """The name in a request's `Host`, without its port, brackets and last dot."""
    name = host.rpartition(":")[0] if re.fullmatch(r".*:\d*", host) and not host.endswith("]") else host
    return name.strip("[]").rstrip(".").lower()


def known(host: str) -> tuple[str, ...]:
    """The names under which a server on `host` answers; none: under any, since other machines reach it anyway."""
    return tuple(dict.fromkeys([*LOOPBACK, host.strip("[]").rstrip(".").lower()])) if is_loopback(host) else ()


class KnownHosts:
    """Refuses requests under other names: pages, files and uploads with 403, and the channel of a session."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app, self._names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand the request on."""
        if scope["type"] in ("http", "websocket"):
            hosts = [name_of(value.decode("latin-1")) for name, value in scope["headers"] if name == b"host"]
            if self._names and not (hosts and self._names.issuperset(hosts)):
                await self._refuse(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
            return
        heads = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(REFUSED)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": heads})
        await send({"type": "http.response.body", "body": REFUSED})
