"""How resources are put on the application: GET with its HEAD, and what a path allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def add_readable(
    app: FastAPI,
    path: str,
    endpoint: Callable[..., Response] | Callable[..., Any],
    **described: Any,  # noqa: ANN401 - FastAPI's own keywords of a route, passed on
) -> None:
    """Serve ``endpoint`` for GET and HEAD; only GET appears in the OpenAPI description.

    uvicorn drops the body of an answer to HEAD, so the endpoint need not know which of the two it serves.
    """
    app.add_api_route(path, endpoint, methods=["GET"], response_class=Response, **described)
    app.add_api_route(path, endpoint, methods=["HEAD"], response_class=Response, include_in_schema=False)


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """Return what may be asked of the path in ``scope``, OPTIONS included; empty when the path is unknown."""
    methods: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            methods |= set(route.methods or ())
    return [method for method in _ORDER if method in methods | {"OPTIONS"}] if methods else []
