"""The web application, put together from its resources."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI

from pactgraph.web import problems
from pactgraph.web.documents import Documents
from pactgraph.web.exports import Exports
from pactgraph.web.headers import CommonHeaders
from pactgraph.web.health import add_health
from pactgraph.web.landing import add_landing, add_openapi
from pactgraph.web.pages import page_renderer
from pactgraph.web.publication import add_documents
from pactgraph.web.service import Service
from pactgraph.web.sparql import SparqlEndpoint

# A thread waits for each query. With anyio's 40, forty slow ones would keep every page waiting.
_THREADS = 256
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
    )
    render = page_renderer()
    SparqlEndpoint(service, render).add_to(app)
    add_documents(app, service, documents or Documents.of_installation(), render)
    Exports(service).add_to(app)
    add_health(app, service)
    add_landing(app, service, render, _STYLESHEET)
    add_openapi(app, service)
    problems.install(app)
    app.add_middleware(CommonHeaders)  # added last, so outermost: problems carry the headers as well
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield
