from __future__ import annotations

import inspect
import json

import pytest
from fastapi import FastAPI

from pactgraph import errors
from pactgraph.web import problems
from pactgraph.web.problems import Unservable, problem

ALL = [
    each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.PactgraphError)
]


def handled(error):
    """What the application answers to this error, by the handler that Starlette would look up."""
    app = FastAPI()
    problems.install(app)
    handler = next(
        app.exception_handlers[each] for each in type(error).__mro__ if each in app.exception_handlers
    )
    return handler(None, error)


def test_a_problem_has_the_members_of_rfc_9457():
    response = problem(400, "syntax", "expected a term", line=2, column=None)
    assert json.loads(response.body) == {
        "type": "https://w3id.org/eukdp/problem/syntax",
        "title": "Bad Request",
        "status": 400,
        "detail": "expected a term",
        "code": "syntax",
        "line": 2,
    }
    assert response.media_type == "application/problem+json"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ALL, ids=lambda each: each.__name__)
def test_every_error_of_the_tree_keeps_its_status_and_code(kind):
    response = handled(kind("a sentence – 한글"))
    body = json.loads(response.body)
    assert response.status_code == kind.status
    assert (body["status"], body["code"], body["detail"]) == (kind.status, kind.code, "a sentence – 한글")


def test_an_error_may_carry_its_own_status_and_code():
    response = handled(errors.UnknownFormat("docx is not offered", status=406))
    assert response.status_code == 406


def test_a_syntax_fault_has_its_place():
    body = json.loads(handled(errors.SyntaxFault("expected a term", line=3, column=14)).body)
    assert (body["line"], body["column"]) == (3, 14)


def test_an_unservable_request_has_its_headers():
    response = handled(Unservable("no", code="x", status=415, headers={"Accept": "text/csv"}))
    assert (response.status_code, response.headers["accept"]) == (415, "text/csv")
