"""The web application, put together from its resources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from pactgraph.query.register import QueryRegister
from pactgraph.resources import shipped_files
from pactgraph.web import problems
from pactgraph.web.documents import Documents
from pactgraph.web.door import Door, Repeats
from pactgraph.web.doors import add_doors
from pactgraph.web.entities import Entities
from pactgraph.web.exports import Exports
from pactgraph.web.headers import CommonHeaders
from pactgraph.web.health import add_health
from pactgraph.web.inventory import Inventory
from pactgraph.web.landing import add_landing, add_openapi
from pactgraph.web.memory import keep_small
from pactgraph.web.metrics import Metrics
from pactgraph.web.pages import page_renderer
from pactgraph.web.proxies import Proxies
from pactgraph.web.publication import add_documents
from pactgraph.web.queries import add_queries
from pactgraph.web.service import Service
from pactgraph.web.sight import Sight
from pactgraph.web.sparql import SparqlEndpoint
from pactgraph.web.threads import install_threads
from pactgraph.web.void import add_void

# Pages ask small queries of their own, and wait for them; anyio's 40 threads would be few.
_THREADS = 64
# The server tells nobody what it is asked, whatever the environment says.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
_STYLESHEET = Path(__file__).with_name("static") / "style.css"


def create_application(service: Service, documents: Documents | None = None) -> FastAPI:
    """Return the application that serves one dataset; ``documents`` defaults to those that pactgraph ships.

    FastAPI's own documentation pages are off: they load scripts from elsewhere.
    """
    app = FastAPI(
        title="pactgraph",
        summary="The knowledge graph of the EU–Republic of Korea Digital Partnership",
        version="1",
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        telemetry=_NO_TELEMETRY,
    )
    render = page_renderer()
    register, metrics = QueryRegister(), Metrics(service)
    inventory = Inventory(service, tuple(shipped_files("queries", ".rq")))
    endpoint = SparqlEndpoint(service, register, render, inventory)
    endpoint.add_to(app)
    add_queries(app, register)
    add_doors(app, service, render)
    add_documents(app, service, documents or Documents.of_installation(), render)
    Exports(service, render).add_to(app)
    Entities(service, render).add_to(app)
    add_health(app, service, metrics)
    add_void(app, service, inventory)
    add_landing(app, service, render, _STYLESHEET)
    add_openapi(app, service)
    problems.install(app)
    # Around the framework's own layers, so that the short way to the endpoint does not lead through them.
    within = problems.UnexpectedFailures(Door(app.build_middleware_stack(), endpoint))
    headed = CommonHeaders(within)  # outside of the problems, which carry the headers as well
    repeated = Repeats(headed, service, service.limits.cache_mb * 1024 * 1024 // 2)
    seen = Sight(repeated, metrics, service.limits.slow)
    trusted = service.limits.proxies
    app.middleware_stack = Proxies(seen, trusted=trusted) if trusted else seen
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    executor = install_threads()
    keeping = asyncio.create_task(keep_small())
    yield
    keeping.cancel()
    executor.shutdown(wait=False, cancel_futures=True)
