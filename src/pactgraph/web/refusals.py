"""A submission that the shapes refuse, as an answer: a problem with its results, or the SHACL report."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from pactgraph.ledger import Refused
from pactgraph.web.negotiation import preferred
from pactgraph.web.problems import PROBLEM_JSON, problem
from pactgraph.web.writing import results_of

_TURTLE = "text/turtle"
_NOT_REFUSING = {"Warning", "Info"}


def add_refusals(app: FastAPI) -> None:
    """Make ``Refused`` an answer with its report."""
    app.add_exception_handler(Refused, _answer)


def _answer(request: Request, error: Exception) -> Response:
    """Answer 422: per violation focus node, path, value, shape, severity, a sentence, a suggestion."""
    if not isinstance(error, Refused):
        raise TypeError("registered for Refused only")
    if preferred(request.headers.get("accept"), [PROBLEM_JSON, "application/json", _TURTLE]) == _TURTLE:
        return Response(error.report.to_turtle().encode(), error.status, media_type=_TURTLE)
    results = results_of(error.report)
    refusing = [each for each in results if each.get("severity") not in _NOT_REFUSING]
    others = [each for each in results if each.get("severity") in _NOT_REFUSING]
    return problem(error.status, error.code, error.message, violations=refusing, warnings=others)
