"""``/healthz``, ``/readyz`` and ``/metrics``: does it serve, does it answer queries, and how much?"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest
from pactgraph.query.formats import BINDING_FORMATS
from pactgraph.web import urls
from pactgraph.web.metrics import MEDIA_TYPE, Metrics
from pactgraph.web.problems import problem
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service

_SECONDS = 2.0


def check_ready(service: Service) -> None:
    """Ask the smallest query there is; raises ``QueryFailed`` when it is not answered in time."""
    request = QueryRequest("ASK {}", media_type=BINDING_FORMATS[0].media_type, timeout=_SECONDS)
    answer = service.queries.run(request)
    try:
        for _ in answer.chunks:
            pass
    finally:
        answer.close()


def add_health(app: FastAPI, service: Service, figures: Metrics) -> None:
    """Put the checks and the metrics on the application."""

    async def healthz(request: Request) -> Response:
        """Say that the server serves (asynchronous: it must answer when every thread waits for a query)."""
        return represent(request, b"ok\n", "text/plain", revision=service.revision)

    def readyz(request: Request) -> Response:
        """Say whether queries are answered; 503 when not."""
        try:
            check_ready(service)
        except QueryFailed as failure:
            return problem(503, "not-ready", f"queries are not answered: {failure.message}")
        isolation = f"isolation: {service.pool.isolation or 'not known yet'}\n"
        return represent(request, b"ready\n" + isolation.encode(), "text/plain", revision=service.revision)

    def metrics() -> Response:
        """Return the figures of this server for Prometheus."""
        return Response(figures.text(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    add_readable(app, urls.HEALTHZ, healthz, summary="Does it serve?")
    add_readable(app, urls.READYZ, readyz, summary="Are queries answered?")
    add_readable(app, urls.METRICS, metrics, summary="Figures for Prometheus")
