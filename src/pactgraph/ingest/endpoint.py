"""Fetching the default graph of a SPARQL endpoint."""

from __future__ import annotations

from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox

from pactgraph.errors import InputError
from pactgraph.ingest.reading import read_quads
from pactgraph.query.remote import endpoint_of

_EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def fetch_quads(url: str, *, timeout: float = 60) -> list[ox.Quad]:
    """Return the triples of the endpoint's default graph (SPARQL 1.1 Protocol, query via POST).

    Raises InputError when the endpoint cannot be reached or does not answer as one, SyntaxFault when its
    answer is not N-Triples.
    """
    url = endpoint_of(url)
    request = Request(  # noqa: S310 - the scheme was just checked
        url,
        data=urlencode({"query": _EVERYTHING}).encode(),
        headers={"Accept": "application/n-triples", "Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310 - the scheme was just checked
            return read_quads(answer.read(), format="N-Triples", name=f"The answer of {url}")
    except HTTPError as fault:
        with fault:
            raise InputError(
                f"{url} answered {fault.code} to a query; check that it is a SPARQL endpoint."
            ) from None
    except (URLError, OSError) as fault:
        reason = getattr(fault, "reason", fault)
        raise InputError(
            f"{url} cannot be reached ({reason}); check the address, and that the server runs."
        ) from None
