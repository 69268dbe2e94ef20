"""``/exports``: views and queries as files for the tools of analysts."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Annotated

import pyoxigraph as ox
from fastapi import Depends, FastAPI, Request, Response
from starlette.responses import StreamingResponse

from pactgraph import vocab
from pactgraph.errors import InputError, UnknownFormat
from pactgraph.exports.analysis import Span
from pactgraph.exports.ask import ask_runner
from pactgraph.exports.delivery import CONTEXT_VIEW, Delivery, Wishes, deliver_query, deliver_view
from pactgraph.exports.formats import FORMATS, ExportFormat, format_by_file, formats_of
from pactgraph.exports.views import View, read_views, view_by_name
from pactgraph.model import Snapshot
from pactgraph.query.guard import form_of, inspect
from pactgraph.web import urls
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.negotiation import preferred
from pactgraph.web.offers import HTML
from pactgraph.web.pages import Page
from pactgraph.web.protocol import Parameters, body_of, parameters_of_get, parameters_of_post
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service

QUERY = "query"
JSON = "application/json"
_EXAMPLE = "SELECT ?source ?target { ?source pact:inSeries ?target }"
_IN_MEMORY = 1 << 20
_PIECE = 64 * 1024
_FIELDS = {
    "lang": "languages of names, the one wanted most first, such as ko,en",
    "analyse": "true adds degree, betweenness, community and core to the nodes",
    "at": "the graph as it was at a revision or on a date",
    "from": "compare the edges of this date …",
    "to": "… with those of this date",
}


class Exports:
    """Delivers the views and queries of one service, each within the limits of a query."""

    def __init__(self, service: Service, render: Page) -> None:
        self._service = service
        self._render = render
        self._views = read_views()
        self._prefixes = vocab.prefixes()

    def add_to(self, app: FastAPI) -> None:
        """Put the resources on the application."""
        described = {
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "required": False,
                    "schema": {"type": "string"},
                    "description": text,
                }
                for name, text in _FIELDS.items()
            ]
        }
        add_readable(app, urls.EXPORTS, self.list, summary="The views and their formats")
        path = urls.EXPORTS + "/{file}"
        add_readable(app, path, self.get, summary="A view or query as a file", openapi_extra=described)
        app.add_api_route(
            path, self.post, methods=["POST"], response_class=Response, summary="A long query as a file"
        )

    def list(self, request: Request) -> Response:
        """List the views, each with the address of every format: a page for people, else JSON."""
        revision = self._service.revision
        if preferred(request.headers.get("accept"), [JSON, HTML]) == HTML:
            shown = {"views": self._views.values(), "formats": formats_of(None), "all_formats": FORMATS}
            more = {"formats_of": formats_of, "example": _EXAMPLE}
            return self._render(request, "exports.html", revision=revision, **shown, **more)
        views = [
            {
                "name": view.name,
                "title": view.title,
                "description": view.description,
                "formats": {form.name: urls.export(view.name, form.suffix[1:]) for form in formats_of(view)},
            }
            for view in self._views.values()
        ]
        content = {"views": views, "query": urls.export(QUERY, "{format}?query={query}")}
        body = json.dumps(content, ensure_ascii=False).encode()
        return represent(request, body, JSON, revision=revision)

    def get(self, request: Request, file: str) -> Response:
        """Answer with the file, or with 304 when the client holds it."""
        parameters = parameters_of_get(request)
        return _within(lambda: self._answer(request, file, parameters, conditional=True))

    def post(self, request: Request, file: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        """Answer a query that is too long for a URL."""
        parameters = parameters_of_post(request, body)
        return _within(lambda: self._answer(request, file, parameters, conditional=False))

    def _answer(self, request: Request, file: str, parameters: Parameters, *, conditional: bool) -> Response:
        view, form = self._asked(file)
        text = parameters.one(QUERY)
        if view is None and text is None:
            raise InputError("the request holds no query; send it as query=...", code="missing-query")
        # A query is refused before any work; one that is volatile never has the same answer twice.
        is_volatile = view is None and inspect(str(text), self._prefixes).volatile
        nonce = secrets.token_hex(8) if is_volatile else ""
        wishes = _wishes(parameters)
        snapshot = self._service.state(parameters.one("at"))
        tag = entity_tag(snapshot.revision, form.media_type, file, text or "", repr(wishes), nonce)
        headers = read_headers(snapshot.revision, tag)
        if conditional and is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return _sent(self._deliver(view, text, wishes, snapshot), form, headers, view)

    def _asked(self, file: str) -> tuple[View | None, ExportFormat]:
        """Return the view (nothing for a query) and the format, by its name or suffix."""
        name, _, suffix = file.partition(".")
        try:
            view = None if name == QUERY else view_by_name(name, self._views)
            named = [form for form in formats_of(view) if form.name == suffix]
            return view, named[0] if named else format_by_file(file, view)
        except UnknownFormat as error:
            raise UnknownFormat(error.message, status=404) from None
        except InputError as error:
            raise InputError(error.message, code=error.code, status=404) from None

    def _deliver(self, view: View | None, text: str | None, wishes: Wishes, snapshot: Snapshot) -> Delivery:
        ask = ask_runner(self._service.queries, form_of, snapshot=snapshot)
        if view is not None:
            return deliver_view(view, ask, self._prefixes, wishes)
        return deliver_query(str(text), ask, self._views[CONTEXT_VIEW], self._prefixes, wishes)


def _within(answer: Callable[[], Response]) -> Response:
    """Answer, and let go of every frame before an error leaves the thread.

    Their variables hold the engine's solutions, which may not be dropped on another thread.
    """
    try:
        return answer()
    except Exception as error:
        fault = error.with_traceback(None)
        fault.__context__ = None
    raise fault


def _wishes(parameters: Parameters) -> Wishes:
    languages = tuple(part.strip() for part in (parameters.one("lang") or "en").split(",") if part.strip())
    for language in languages:
        try:
            ox.Literal("", language=language)
        except ValueError:
            raise InputError(f"{language!r} is not a language tag; write en, ko or en,ko") from None
    analyse = (parameters.one("analyse") or "false").lower()
    if analyse not in {"true", "false", "1", "0"}:
        raise InputError(f"analyse is true or false, not {analyse!r}")
    span = Span.read(parameters.one("from"), parameters.one("to"))
    return Wishes(languages or ("en",), analyse in {"true", "1"}, span)


def _sent(delivery: Delivery, form: ExportFormat, headers: dict[str, str], view: View | None) -> Response:
    """Write the file to its end, so that what fails is told as a problem, and stream it."""
    whole: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 — closed when sent
    try:
        delivery.write(form, whole)
        size = whole.tell()
        whole.seek(0)
    except BaseException:
        whole.close()
        raise
    name = f"{view.name if view else QUERY}{form.suffix}"
    more = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return StreamingResponse(_pieces(whole), media_type=form.media_type, headers={**headers, **more})


def _pieces(whole: IO[bytes]) -> Iterator[bytes]:
    with whole:
        while piece := whole.read(_PIECE):
            yield piece
