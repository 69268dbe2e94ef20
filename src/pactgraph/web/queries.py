"""``/queries/{id}``: look at a query under way, or cancel it. The id is the key: only its caller has it."""

from __future__ import annotations

import json

from fastapi import FastAPI, Response
from starlette.exceptions import HTTPException

from pactgraph.query.register import Query, QueryRegister
from pactgraph.web import urls
from pactgraph.web.routes import add_readable


def add_queries(app: FastAPI, register: QueryRegister) -> None:
    """Put the resource on the application."""

    def find(query_id: str) -> Query:
        query = register.find(query_id)
        if query is None:
            raise HTTPException(404)
        return query

    def look(query_id: str) -> Response:
        """Say what was asked, since when, and what came of it."""
        query = find(query_id)
        shown = {
            "id": query.id,
            "state": query.state,
            "started": query.started_at.isoformat(timespec="milliseconds"),
            "seconds": round(query.elapsed, 3),
            "query": query.text,
        }
        body = json.dumps(shown, ensure_ascii=False).encode()
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    def cancel(query_id: str) -> Response:
        """Give the query up; its caller gets 503 with ``query-cancelled``. A query that is over stays so."""
        find(query_id).cancellation.cancel()
        return Response(status_code=204)

    add_readable(app, urls.QUERY, look, summary="One of your queries")
    app.add_api_route(urls.QUERY, cancel, methods=["DELETE"], response_class=Response, summary="Cancel it")
