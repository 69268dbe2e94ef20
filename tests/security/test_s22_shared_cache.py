"""S22: behind a cache that many share, nobody gets what was meant for another, nor what has passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from urllib.parse import quote

import httpx2
import pytest

HTML, JSON, TURTLE = "text/html", "application/json", "text/turtle"
CSV, RESULTS = "text/csv", "application/sparql-results+json"
ATOM, XML, JSON_LD = "application/atom+xml", "application/rdf+xml", "application/ld+json"
ENTITY = "/id/organisation/imec"
IRI = "https%3A%2F%2Fw3id.org%2Feukdp%2Fid%2Forganisation%2Fimec"
SELECT = "/sparql?query=SELECT*{?s?p?o}ORDER+BY?s?p?o+LIMIT+40"
RESOURCES = {
    "/": (HTML, TURTLE, "*/*"),
    SELECT: (RESULTS, CSV, "application/sparql-results+xml"),
    "/sparql?query=DESCRIBE+<https://w3id.org/eukdp/id/organisation/cached>": (TURTLE, XML, JSON_LD),
    "/sparql": (HTML, TURTLE, JSON_LD),
    ENTITY: (HTML, TURTLE, JSON_LD),
    f"{ENTITY}.ttl": (HTML, "*/*"),
    "/graphs?graph=https://w3id.org/eukdp/graph/bas3": (TURTLE, XML, JSON_LD),
    "/changes": (HTML, JSON, ATOM),
    "/changes/1": (HTML, JSON),
    f"/why?s={IRI}": (HTML, JSON),
    "/search?q=imec": (JSON, "*/*"),
    "/topics": (HTML, TURTLE, JSON_LD),
    "/ontology": (HTML, TURTLE),
    "/.well-known/void": (TURTLE, JSON_LD),
    "/exports": (HTML, JSON),
    "/exports/people.csv": (CSV, "*/*"),
    "/nothing": (HTML, JSON),
    "/sparql?query=ASK{": (HTML, JSON),
}
_KEPT_BY_ITSELF = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}  # RFC 9110 §15.1
NEWS = """INSERT DATA { GRAPH <https://w3id.org/eukdp/graph/bas3> {
  <https://w3id.org/eukdp/id/organisation/cached> a <http://www.w3.org/ns/org#Organization> ;
    <http://www.w3.org/2004/02/skos/core#prefLabel> "Cached"@en , "캐시"@ko } }"""


@dataclass(frozen=True)
class Stored:
    """An answer, and what the request said in the fields that decide which one it gets."""

    deciding: dict[str, str | None]
    status: int
    headers: httpx2.Headers
    body: bytes


@dataclass
class SharedCache:
    """What RFC 9111 lets a shared cache do, at its boldest: what says nothing of its age is taken for fresh.

    When it must ask again it names all it has for the address, as §4.3.1 allows, whoever it was for.
    """

    origin: httpx2.Client
    unasked: list[str] = field(default_factory=list)
    spared: int = 0
    _stored: dict[str, list[Stored]] = field(default_factory=dict)

    def get(self, url: str, headers: dict[str, str]) -> Stored:
        known = self._stored.setdefault(url, [])
        fitting = [each for each in known if all(headers.get(n) == v for n, v in each.deciding.items())]
        for each in fitting:
            if not {"no-cache", "max-age=0"} & _directives(each):
                self.unasked.append(f"{url} {each.status} {dict(each.headers)}")
                return each
        tags = ", ".join(each.headers["etag"] for each in known if "etag" in each.headers)
        asked = headers | ({"If-None-Match": tags} if tags else {})
        answer = _stored(self.origin.get(url, headers=asked), headers)
        if answer.status == 304:
            self.spared += 1
            return next(each for each in known if each.headers.get("etag") == answer.headers["etag"])
        if self._may_keep(answer, headers):
            known.append(answer)
        return answer

    def _may_keep(self, answer: Stored, headers: dict[str, str]) -> bool:
        """§3, §3.5 for what was asked with credentials, §4.2.2 for what says nothing of its age."""
        said = _directives(answer)
        if {"no-store", "private"} & said or "*" in answer.deciding:
            return False
        if said == {""} and answer.status not in _KEPT_BY_ITSELF:
            return False
        return "authorization" not in headers or bool({"public", "must-revalidate"} & said)


def _stored(answer: httpx2.Response, headers: dict[str, str]) -> Stored:
    names = [name.strip().lower() for name in answer.headers.get("vary", "").split(",") if name.strip()]
    deciding = {name: headers.get(name) for name in names}
    return Stored(deciding, answer.status_code, answer.headers, answer.content)


def _directives(answer: Stored) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get("cache-control", "").split(",")}


def told(answer: Stored) -> tuple[object, ...]:
    """Return what one client must not get in the place of another's."""
    names = ("content-type", "content-encoding", "etag", "x-pactgraph-revision", "content-disposition")
    body = answer.body if answer.status == 200 else b""  # a problem names the request that it is about
    return (answer.status, body, *(answer.headers.get(name) for name in names))


@pytest.fixture
def origin(written):
    with httpx2.Client(base_url=written.url, timeout=60) as each:
        each.headers.clear()
        yield each


@pytest.fixture
def requests(written):
    """Everything that every client asks: other formats, encodings and languages, strangers and the writer."""
    bearer = {"authorization": f"Bearer {written.token}"}
    who = [
        {"accept-encoding": "gzip", "accept-language": "en"},
        {"accept-encoding": "identity", "accept-language": "ko"},
        {"accept-encoding": "gzip", "accept-language": "ko", **bearer},
        {"accept-encoding": "identity", **bearer},
    ]
    return [
        (url, {"accept": accept, **each})
        for url, accepts in RESOURCES.items()
        for accept, each in product(accepts, who)
    ]


def test_nobody_gets_what_was_meant_for_another(written, origin, requests):
    """Before a revision and after it; and the cache is of use: it is spared what has not changed."""
    cache = SharedCache(origin)
    written.update(NEWS.replace("INSERT", "DELETE"))  # what an earlier run of this test may have left
    revisions = set()
    for times in (2, 1):
        for _ in range(times):
            for url, headers in requests:
                through, direct = cache.get(url, headers), _stored(origin.get(url, headers=headers), headers)
                assert told(through) == told(direct), (url, headers)
                revisions.add(direct.headers.get("x-pactgraph-revision"))
        assert written.update(NEWS).status_code == 200
    assert len(revisions - {None}) == 2
    assert cache.unasked == []
    assert cache.spared > len(requests) / 2


@pytest.mark.parametrize("target", ["/sparql?query={}", "/exports/query.json?query={}"])
def test_what_is_new_every_time_is_not_kept(origin, target):
    cache = SharedCache(origin)
    query = "SELECT ?source ?target (STRUUID() AS ?type) { ?source skos:broader ?target } LIMIT 1"
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    answers = [cache.get(target.format(quote(query)), headers) for _ in range(3)]
    assert {each.status for each in answers} == {200}, answers[0].body
    assert len({each.body for each in answers}) == 3


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/queries/unknown"])
def test_what_is_true_only_now_is_asked_for_again(origin, path):
    cache = SharedCache(origin)
    for _ in range(2):
        cache.get(path, {"accept": "*/*"})
    assert cache.unasked == []
