"""A server somewhere else: facts are submitted to it, and its history is read (see docs/reference)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from pactgraph.errors import InputError, PactgraphError, QueryFailed
from pactgraph.history import patch_body
from pactgraph.ledger import Patch

_PATIENCE = 120.0
_MOST = 64 * 1024 * 1024


class RefusedThere(PactgraphError):
    """Facts that the shapes of a server refuse; ``problem`` is its report. Nothing was changed."""

    code = "does-not-conform"
    exit_code = 1
    status = 422

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or "The facts do not conform."))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a server says of a submission: its answer, and the number of the revision if it made one."""

    revision: int | None
    answer: Mapping[str, Any]

    def count(self, name: str) -> int:
        """Return one of the answer's counts; 0 when it has none."""
        value = self.answer.get(name)
        return value if isinstance(value, int) else 0


class Server:
    """The server that a SPARQL endpoint, or its address without ``/sparql``, belongs to.

    >>> Server("https://example.org/sparql").root
    'https://example.org'
    """

    def __init__(self, endpoint: str, token: str | None = None) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"{endpoint!r} is not the address of an endpoint; give an http or https URL")
        self.root = endpoint.partition("?")[0].rstrip("/").removesuffix("/sparql").rstrip("/")
        self._token = token

    def get(self, path: str, accept: str = "application/json", **fields: str | None) -> bytes:
        """Return what is at a path; raises ``InputError`` or ``QueryFailed`` with what the server says."""
        given = {name: value for name, value in fields.items() if value is not None}
        query = f"?{urlencode(given)}" if given else ""
        place = f"{self.root}{path}{query}"
        call = urllib.request.Request(place, headers={"Accept": accept})  # noqa: S310 - checked by __init__
        return self._answer(call)[1]

    def submit(self, patch: Patch, *, message: str) -> Accepted:
        """Submit a patch as one revision; raises ``RefusedThere``, with the report, or as ``get``."""
        if not self._token:
            raise InputError(
                "Writing to a server needs a token; put it into PACTGRAPH_TOKEN.", code="no-token"
            )
        lines = ["TX .", *patch_body(patch.added, patch.removed), "TC .", ""]
        call = urllib.request.Request(  # noqa: S310 - as above
            f"{self.root}/changes?{urlencode({'message': message})}",
            "\n".join(lines).encode(),
            {
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/rdf-patch",
                "Accept": "application/json",
            },
        )
        place, body = self._answer(call)
        number = place.rstrip("/").rpartition("/")[2]
        return Accepted(int(number) if number.isdigit() else None, _document(body))

    def _answer(self, call: urllib.request.Request) -> tuple[str, bytes]:
        """Return the Location and the body of an answer."""
        call.add_header("User-Agent", "pactgraph")
        try:
            with urllib.request.urlopen(call, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
                return answer.headers.get("Location") or "", answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise self._reported(error) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise QueryFailed(
                f"{self.root} does not answer: {reason}; check the address", code="endpoint-unreachable"
            ) from None

    def _reported(self, error: urllib.error.HTTPError) -> PactgraphError:
        try:
            problem = _document(error.read(_MOST))
        except OSError:  # a broken report: the status line has to do
            problem = {}
        if error.code == RefusedThere.status and problem:
            return RefusedThere(problem)
        said = problem.get("detail") or problem.get("title")
        message = str(said or f"{self.root} answers {error.code} {error.reason}; check the address.")
        kind = QueryFailed if error.code >= 500 else InputError
        return kind(message, code=problem.get("code"), status=error.code)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
