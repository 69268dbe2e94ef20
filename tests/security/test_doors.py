"""S2, S4 to S6, S14, S20 to S24 at the doors for writes: who gets in, and what may not come with them."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

import httpx2
import pytest
import uvicorn

from pactgraph.app import open_for_writing
from pactgraph.config import Limits
from pactgraph.service import Service
from pactgraph.tokens import Tokens
from pactgraph.web.application import create_application

PAPER = "https://w3id.org/eukdp/graph/paper"
FACTS = f"""
@prefix prov: <http://www.w3.org/ns/prov#> .
<{PAPER}> {{ <{PAPER}> prov:hadPrimarySource <https://w3id.org/eukdp/source/paper> . }}
"""
ONTOLOGY = "<https://w3id.org/eukdp/ontology> a <http://www.w3.org/2002/07/owl#Ontology> ."
NTRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"
DOORS = [
    ("POST", "/changes?source=https://w3id.org/eukdp/source/paper", "application/n-triples", NTRIPLE),
    ("POST", "/changes/1/revert", None, None),
    ("POST", "/sparql/update", "application/sparql-update", b"CLEAR ALL"),
    ("PUT", f"/graphs?graph={PAPER}", "application/n-triples", NTRIPLE),
    ("POST", f"/graphs?graph={PAPER}", "application/n-triples", NTRIPLE),
    ("DELETE", f"/graphs?graph={PAPER}", None, None),
]


class Opinion:
    conforms = True

    def to_json(self):
        return "{}"


class Everything:
    """Lets everything in: these tests are about doors, not about facts."""

    def judge(self, dataset, added, removed, now):
        return Opinion()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A service, and a way to put it behind a real server."""
    seed = tmp_path_factory.mktemp("seed")
    (seed / "pact.ttl").write_text(ONTOLOGY)
    (seed / "facts.trig").write_text(FACTS)
    data = tmp_path_factory.mktemp("guarded") / "data"
    ledger = open_for_writing(data, judge=Everything(), ontology=seed, facts=seed)
    with Service(ledger.dataset, Limits(timeout=10, memory_mb=300, workers=1), ledger) as service:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(create_application(service), http="h11", ws="none", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield service, f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        service.pool.close()
        thread.join(10)


@pytest.fixture
def service(house):
    """The service with no token, and a check that what a test refused changed nothing."""
    service, _ = house
    tokens = service.dataset.path / "tokens.json"
    tokens.unlink(missing_ok=True)
    before = service.revision
    yield service
    assert service.revision == before


@pytest.fixture
def client(house):
    with httpx2.Client(base_url=house[1], timeout=60) as each:
        yield each


@pytest.fixture
def bearer(service):
    """Return the header of a new token."""

    def make(role="writer"):
        plain = Tokens(service.dataset.path).create(f"a {role}", role, datetime.now(UTC))
        return {"Authorization": f"Bearer {plain}"}

    return make


def knock(client, door, **headers):
    method, path, media_type, body = door
    given = {"Content-Type": media_type} if media_type else {}
    return client.request(method, path, content=body, headers={**given, **headers})


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door[0]} {door[1][:16]}")
def test_nobody_gets_in_without_the_right_token(door, client, service, bearer):
    closed = knock(client, door)
    assert (closed.status_code, closed.json()["code"]) == (403, "writes-closed")
    assert "pactgraph token create" in closed.json()["detail"]
    reader = bearer("reader")
    expected = [
        ({}, 401, "no-token"),
        ({"Authorization": "Bearer nonsense"}, 401, "unknown-token"),
        ({"Authorization": "Basic YTpi"}, 401, "no-token"),
        ({"Authorization": reader["Authorization"] + "x"}, 401, "unknown-token"),
        (reader, 403, "role-too-low"),
    ]
    for headers, status, code in expected:
        answer = knock(client, door, **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert reader["Authorization"].removeprefix("Bearer ") not in answer.text


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door[0]} {door[1][:16]}")
def test_pages_of_other_sites_do_not_get_in(door, client, service, bearer):
    writer = bearer()
    for foreign in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = knock(client, door, **writer, **foreign)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross-origin")
        assert "access-control-allow-origin" not in answer.headers
    preflight = client.options(door[1], headers={"Origin": "https://evil.example"})
    allowed = preflight.headers.get("access-control-allow-methods", "")
    assert not {"POST", "PUT", "DELETE"} & {each.strip() for each in allowed.split(",")}
    assert "authorization" not in preflight.headers.get("access-control-allow-headers", "").lower()


def test_answers_to_writes_are_private_and_reads_are_open(client, service, bearer):
    for door in DOORS:
        for headers in ({}, bearer("reader") if door == DOORS[0] else {}):
            answer = knock(client, door, **headers)
            assert answer.headers["cache-control"] == "private, no-store"
            assert "access-control-allow-origin" not in answer.headers
    for path in ("/changes", "/changes/1", f"/graphs?graph={PAPER}", f"/why?s={PAPER}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "Accept" in answer.headers["vary"]


def test_the_same_site_and_programs_get_in(client, house, bearer, service):
    writer = bearer()
    answer = knock(client, DOORS[0], **writer, Origin=house[1], **{"If-Match": '"r99-x-0"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_no_body_is_read_before_the_token(house, service, bearer):
    """The whole body is announced and never sent: an answer comes all the same."""
    bearer()
    host, port = house[1].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(
            b"POST /changes HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nContent-Length: 1000\r\n\r\n"
        )
        assert raw.recv(12) == b"HTTP/1.1 401"


def test_a_body_over_the_limit_is_refused_before_it_is_sent(house, service, bearer):
    host, port = house[1].removeprefix("http://").split(":")
    token = bearer()["Authorization"]
    head = f"POST /changes HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: text/turtle\r\n"
    for length in (str(1 << 40), "9" * 400):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
            assert raw.recv(12) in {b"HTTP/1.1 413", b"HTTP/1.1 400"}


def test_a_body_without_a_length_ends_at_the_limit(client, service, bearer, monkeypatch):
    monkeypatch.setattr("pactgraph.web.writing.SUBMISSION_LIMIT", 1 << 20)

    def endless():
        for _ in range(64):
            yield NTRIPLE * 4000

    writer = {**bearer(), "Content-Type": "application/n-triples"}
    try:
        answer = client.post("/changes", content=endless(), headers=writer)
    except (httpx2.WriteError, httpx2.ReadError):
        return  # the server had answered and hung up: what we were still sending has no reader
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_too_many_statements_are_refused(client, service, bearer, monkeypatch):
    monkeypatch.setattr("pactgraph.web.submissions.MOST_STATEMENTS", 1000)
    body = b"".join(b"<urn:a> <urn:b> %d .\n" % number for number in range(1001))
    writer = {**bearer(), "Content-Type": "text/turtle"}
    answer = client.post(DOORS[0][1], content=body, headers=writer)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-many-statements")


def test_compressed_bodies_are_refused(client, service, bearer):
    writer = bearer()
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, identity"):
        for door in DOORS:
            if door[3] is not None:
                answer = knock(client, door, **writer, **{"Content-Encoding": encoding})
                assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-encoding")


def test_forms_and_uploads_are_no_submissions(client, service, bearer):
    writer = bearer()
    for kind in (
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "image/png",
        "nt",
        "",
    ):
        headers = {**writer, "Content-Type": kind}
        for path in ("/changes", f"/graphs?graph={PAPER}"):
            answer = client.post(path, content=b"--x", headers=headers)
            is_form = kind.startswith("multipart") and path.startswith("/graphs")  # taken there, when whole
            expected = (400, "bad-form") if is_form else (415, "unsupported-media-type")
            assert (answer.status_code, answer.json()["code"]) == expected


def multipart(media_type, document, *more):
    head = ["Content-Disposition: form-data; name=a", f"Content-Type: {media_type}", *more]
    return "\r\n".join(["--x", *head, "", document, "--x--", ""]).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (multipart("multipart/mixed; boundary=y", "--y\r\n\r\n--y--"), 400),
        (multipart("text/turtle", "", "Content-Transfer-Encoding: base64"), 400),
        (multipart("image/png", ""), 415),
        (multipart("application/trig", "<urn:g> { <urn:a> <urn:b> 1 }"), 415),
        (b"--x\r\n\r\n--x\r\n" * 200 + b"--x--\r\n", 400),
        (multipart("text/turtle", "<urn:a> <urn:b> 1 ."), 412),
    ],
)
def test_a_form_brings_documents_and_nothing_else(body, status, client, service, bearer):
    headers = {
        **bearer(),
        "Content-Type": "multipart/form-data; boundary=x",
        "If-Match": '"r99-x-0"',  # so that what is read is not let in
    }
    assert client.post(f"/graphs?graph={PAPER}", content=body, headers=headers).status_code == status


def test_a_graph_answers_at_its_own_path(client, service):
    own = client.get("/graph/paper", headers={"Accept": "application/n-triples"})
    named = client.get(f"/graphs?graph={PAPER}", headers={"Accept": "application/n-triples"})
    assert own.status_code == 200
    assert own.content == named.content != b""
    assert client.get("/graph/none").status_code == 404
    assert client.get("/graph/paper?default").status_code == 400


DOCUMENTS = [
    ("application/rdf+xml", '<!DOCTYPE r [<!ENTITY x SYSTEM "{0}">]><r>&x;</r>'),
    ("application/rdf+xml", '<!DOCTYPE r [<!ENTITY % x SYSTEM "{0}"> %x;]><r/>'),
    ("application/rdf+xml", '<!DOCTYPE r SYSTEM "{0}"><r/>'),
    ("text/xml", '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><r>&b;</r>'),
    ("application/ld+json", '{{"@context": "{0}", "@id": "http://e/a"}}'),
    ("application/json", '{{"@context": {{"@import": "{0}"}}, "@id": "http://e/a"}}'),
]


@pytest.mark.parametrize(("media_type", "document"), DOCUMENTS)
def test_documents_fetch_nothing(media_type, document, client, service, bearer, canary_url, tmp_path):
    (tmp_path / "secret").write_text("the content of a file")
    writer = {**bearer(), "Content-Type": media_type}
    for address in (canary_url, (tmp_path / "secret").as_uri()):
        body = document.replace("{0}", address).replace("{{", "{").replace("}}", "}").encode()
        for path in (DOORS[0][1], f"/graphs?graph={PAPER}"):
            answer = client.post(path, content=body, headers=writer)
            assert answer.status_code == 400
            assert "the content of a file" not in answer.text
        form = {**writer, "Content-Type": "multipart/form-data; boundary=x"}
        content = multipart(media_type, body.decode())
        answer = client.post(f"/graphs?graph={PAPER}", content=content, headers=form)
        assert answer.status_code == 400
        assert "the content of a file" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <{0}>",
        "LOAD SILENT <{0}> INTO GRAPH <urn:g>",
        "L\\u004FAD <{0}>",
        "INSERT {{ GRAPH <urn:g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
        "INSERT {{ GRAPH <urn:g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    ],
)
def test_updates_fetch_nothing_whoever_asks(text, client, service, bearer, canary_url):
    for role in ("writer", "admin"):
        for address in (canary_url, "file:///etc/hostname"):
            answer = client.post(
                "/sparql/update", data={"update": text.format(address)}, headers=bearer(role)
            )
            (service.dataset.path / "tokens.json").unlink()
            assert answer.status_code == 400


def test_no_update_comes_through_the_query_door(client, service, bearer):
    writer = bearer()
    text = "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }"
    for answer in (
        client.get("/sparql", params={"update": text}, headers=writer),
        client.get("/sparql", params={"query": text}, headers=writer),
        client.post("/sparql", data={"update": text}, headers=writer),
        client.post("/sparql", data={"query": text}, headers=writer),
        client.get("/sparql/update", params={"update": text}, headers=writer),
    ):
        assert answer.status_code in {400, 405}


def test_errors_name_no_place_on_the_server(client, service, bearer):
    writer = bearer()
    place = str(service.dataset.path)
    (service.dataset.path / "tokens.json").write_text("{")
    damaged = knock(client, DOORS[0], **writer)
    assert (damaged.status_code, damaged.json()["code"]) == (503, "tokens-damaged")
    assert place not in damaged.text
    (service.dataset.path / "tokens.json").unlink()
    writer = bearer()
    for method, path, body in (
        ("POST", "/changes?source=x", NTRIPLE),
        ("POST", "/changes?message=%00", NTRIPLE),
        ("POST", "/changes?message=" + "x" * 3000, NTRIPLE),
        ("POST", "/changes?message=%ff", NTRIPLE),
        ("POST", "/changes", b"\xff"),
        ("PUT", "/graphs?graph=%00", NTRIPLE),
        ("GET", "/why?s=%00", None),
        ("GET", "/changes?iri=%00", None),
        ("GET", "/changes?limit=1e3", None),
    ):
        headers = {**writer, "Content-Type": "application/n-triples"}
        answer = client.request(method, path, content=body, headers=headers)
        assert answer.status_code in {200, 400, 404}
        assert place not in answer.text
        assert "Traceback" not in answer.text


def test_a_read_only_server_takes_nothing(tmp_path, house, service, bearer):
    writer = bearer()
    copy = Service.__new__(Service)
    copy.__dict__.update(service.__dict__, ledger=None)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_application(copy), http="h11", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            for door in DOORS:
                answer = knock(client, door, **writer)
                assert (answer.status_code, answer.json()["code"]) == (403, "read-only")
    finally:
        server.should_exit = True
        thread.join(10)
