"""Running the application under uvicorn until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from pactgraph.errors import InputError
from pactgraph.heap import kept_for_good
from pactgraph.web.application import create_application
from pactgraph.web.documents import Documents
from pactgraph.web.health import check_ready
from pactgraph.web.service import Service
from pactgraph.web.wire import Wire

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Open requests get this long to end by themselves; then the pool is closed, which ends their queries; then
# they are cancelled. Together they stay well below the five seconds that a stop may take.
_GRACE_SECONDS = 1.0
_CANCEL_SECONDS = 2
_LAST_PORT = 65535

# What no line tells, though every record would look it up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

_LOG = logging.getLogger("pactgraph.web")
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    },
    "loggers": {
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "pactgraph": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}


def run(
    service: Service,
    *,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
    documents: Documents | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return within five seconds; the caller closes the service.

    ``on_ready`` gets the server's URL once connections are accepted and a first query has been answered. Port
    0 picks a free port. Log lines go to stderr. Raises ``InputError`` when the address cannot be had, and
    ``QueryFailed`` when not even an empty query is answered.
    """
    application = create_application(service, documents)
    with _listen(host, port) as listener:
        check_ready(service)
        url = _url(host, listener.getsockname()[1])
        server = Server(_config(application), service, lambda: _say_ready(service, url, on_ready))
        with _stopped_by_signals(server), kept_for_good():
            server.run(sockets=[listener])


class Server(uvicorn.Server):
    """uvicorn, with word when it is ready, and an end that does not wait for running queries."""

    def __init__(self, config: uvicorn.Config, service: Service, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for connections, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for open requests a moment, then take away what they wait for."""
        closing = asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._close_pool)
        await super().shutdown(sockets)
        closing.cancel()

    def _close_pool(self) -> None:
        # On a thread of its own: the loop must go on sending what the closed queries leave behind.
        threading.Thread(target=self._service.pool.close, name="close pool", daemon=True).start()


def _say_ready(service: Service, url: str, on_ready: Callable[[str], None]) -> None:
    _LOG.info("isolation of query workers: %s", service.pool.isolation or "not known yet")
    on_ready(url)


def _config(application: Callable[..., Any]) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Wire,
        loop="auto",  # uvloop where it is installed
        ws="none",
        lifespan="on",
        log_config=_LOGGING,
        access_log=False,  # ``sight`` writes its own
        proxy_headers=False,  # any client on this machine could claim to be another
        server_header=False,
        timeout_graceful_shutdown=_CANCEL_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise InputError(
            f"there is no port {port}; choose one up to {_LAST_PORT} with --port", code="address-unavailable"
        )
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, UnicodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        text = f"cannot listen on {host} port {port} ({reason}); choose another with --host or --port"
        raise InputError(text, code="address-unavailable") from None
    # Inherited by every connection. Without it the body waits 40 ms for the client to acknowledge the head;
    # asyncio sets it by itself only on sockets that were made with the protocol's number.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """Let the signals stop the server and nothing more: uvicorn raises them again when it is done."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, stop) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
