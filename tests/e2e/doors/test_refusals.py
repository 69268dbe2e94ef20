"""A refusal leaves store, journal and search index byte for byte as they were, whichever door it was at.

With the server running, every file of the data directory is compared, but for:

- ``store/LOG*``, what the engine notes of itself;
- ``*-shm``, SQLite's index into its write-ahead log, in which readers leave their marks;
- ``snapshots/``, hard links to the store for those who read.

A command opens and closes the store, at which the engine begins new bookkeeping files (``CURRENT``,
``MANIFEST-*``, ``OPTIONS-*``, ``*.log``); then the tables (``*.sst``) are compared, and what they say.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import UTC, datetime

import httpx2
import pytest
from click.testing import CliRunner
from pyoxigraph import Store

from pactgraph.app import open_for_writing
from pactgraph.cli import main
from pactgraph.config import Limits
from pactgraph.doctor import graph_hashes
from pactgraph.service import Service
from pactgraph.tokens import Tokens

BASE = "https://w3id.org/eukdp/"
HELD = f"{BASE}graph/bas3"
SOURCE = {"source": f"{BASE}source/bas3"}
TURTLE, TRIG = {"Content-Type": "text/turtle"}, {"Content-Type": "application/trig"}
UPDATE = {"Content-Type": "application/sparql-update"}
RDF_PATCH = {"Content-Type": "application/rdf-patch"}
EVENT = f"<{BASE}id/event/nameless> a <{BASE}ontology#ResearchForum> ."
IN_GRAPH = f"GRAPH <{HELD}> {{ {EVENT} }}"
TWO_HOSTS = f"<{BASE}id/polity/european-union> , <{BASE}id/polity/republic-of-korea>"
PROJECT = f"<{BASE}id/project/basmati>"
NUMBER = f"<{BASE}ontology#grantNumber>"
ABSENT = f'{PROJECT} {NUMBER} "none"'
ONTOLOGY = f"{BASE}ontology"
DOORS = {
    "facts that do not conform": (422, "POST", "/changes", SOURCE, TURTLE, EVENT),
    "facts that would not conform": (422, "POST", "/changes", {**SOURCE, "dry_run": "true"}, TURTLE, EVENT),
    "facts without a source": (422, "POST", "/changes", {}, TURTLE, EVENT),
    "facts that do not parse": (400, "POST", "/changes", SOURCE, TURTLE, "<a"),
    "facts of an unknown kind": (415, "POST", "/changes", SOURCE, {"Content-Type": "image/png"}, EVENT),
    "the ontology": (403, "POST", "/changes", {}, TRIG, f"<{ONTOLOGY}> {{ {EVENT} }}"),
    "a removal of what is not there": (
        409,
        "POST",
        "/changes",
        {},
        RDF_PATCH,
        f"TX .\nD {ABSENT} <{HELD}> .\nTC .\n",
    ),
    "a patch on another state": (
        412,
        "POST",
        "/changes",
        {},
        RDF_PATCH,
        f"H prev <urn:sha256:00> .\nTX .\nA {ABSENT} <{HELD}> .\nTC .\n",
    ),
    "an update that does not conform": (
        422,
        "POST",
        "/sparql/update",
        {},
        UPDATE,
        f"INSERT DATA {{ {IN_GRAPH} }}",
    ),
    "an update half of which conforms": (
        422,
        "POST",
        "/sparql/update",
        {},
        UPDATE,
        f"DELETE {{ GRAPH ?g {{ ?s {NUMBER} ?o }} }} WHERE {{ GRAPH ?g {{ ?s {NUMBER} ?o }} }} ; INSERT DATA {{ {IN_GRAPH} }}",
    ),
    "an update that does not parse": (400, "POST", "/sparql/update", {}, UPDATE, "INSERT"),
    "an update that loads": (400, "POST", "/sparql/update", {}, UPDATE, "LOAD <http://127.0.0.1:1/>"),
    "an update of the revisions": (
        400,
        "POST",
        "/sparql/update",
        {},
        UPDATE,
        f"CLEAR GRAPH <{BASE}graph/revisions>",
    ),
    "an update of the ontology": (403, "POST", "/sparql/update", {}, UPDATE, f"CLEAR GRAPH <{ONTOLOGY}>"),
    "a graph that does not conform": (422, "PUT", "/graphs", {"graph": HELD}, TURTLE, EVENT),
    "an addition that does not conform": (422, "POST", "/graphs", {"graph": HELD}, TURTLE, EVENT),
    "a graph that others need": (422, "DELETE", "/graphs", {"graph": f"{BASE}graph/editors"}, {}, ""),
    "a graph that is not there": (404, "DELETE", "/graphs", {"graph": f"{BASE}graph/none"}, {}, ""),
    "a graph of another state": (
        412,
        "PUT",
        "/graphs",
        {"graph": HELD},
        {**TURTLE, "If-Match": '"r99-x-y"'},
        EVENT,
    ),
    "the default graph": (405, "PUT", "/graphs", {"default": ""}, TURTLE, EVENT),
    "a revision that is not there": (404, "POST", "/changes/99/revert", {}, {}, ""),
    "the first revision": (403, "POST", "/changes/1/revert", {}, {}, ""),
}
COMMANDS = {
    "add that does not conform": ["add", "event.ttl", "-m", "why", "--source", SOURCE["source"]],
    "add without a source": ["add", "event.ttl", "-m", "why"],
    "add of what does not parse": ["add", "broken.ttl", "-m", "why", "--source", SOURCE["source"]],
    "removal of what is not there": ["add", "--remove", "absent.nq", "-m", "why"],
    "load that does not conform": ["load", "event.ttl", "-m", "why", "--source", SOURCE["source"]],
    "load of the ontology": ["load", "ontology.trig", "-m", "why"],
    "revert of the first revision": ["revert", "1", "-m", "why"],
    "revert of none": ["revert", "99", "-m", "why"],
    "check": ["check", "event.ttl", "--source", SOURCE["source"]],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    data = tmp_path_factory.mktemp("refusing") / "data"
    open_for_writing(data).close()
    return data


@pytest.fixture(scope="module")
def writer(data, serve):
    """A client with a token, at a server that has made its snapshot."""
    token = Tokens(data).create("ann", "writer", datetime.now(UTC))
    ledger = open_for_writing(data)
    with (
        Service(ledger.dataset, Limits(timeout=20, memory_mb=500, workers=1), ledger) as service,
        serve(service) as url,
        httpx2.Client(base_url=url, timeout=120, headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
        yield client


def hashes(data, *, of_commands=False):
    """Return the SHA-256 of each file that a refusal may not change."""
    found = {}
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data).as_posix()
        is_note = name.startswith(("snapshots/", "store/LOG")) or name.endswith("-shm")
        is_begun_anew = of_commands and name.startswith("store/") and not name.endswith(".sst")
        if path.is_file() and not is_note and not is_begun_anew:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.mark.parametrize("door", DOORS)
def test_a_refusal_over_http_changes_no_file(data, writer, door):
    status, method, path, asked, headers, body = DOORS[door]
    before = hashes(data)
    assert {"journal.sqlite", "search.sqlite", "tokens.json"} <= before.keys()
    assert any(name.endswith(".sst") for name in before)
    answer = writer.request(method, path, params=asked, headers=headers, content=body.encode())
    assert answer.status_code == status, answer.text
    assert hashes(data) == before


def test_what_is_let_in_changes_all_three(data, writer):
    """So that the comparison means something."""
    before = hashes(data)
    named = f'<{BASE}id/organisation/a> a <http://www.w3.org/ns/org#Organization> ; <http://www.w3.org/2004/02/skos/core#prefLabel> "A"@en , "가"@ko .'
    answer = writer.post("/changes", params=SOURCE, headers=TURTLE, content=named.encode())
    assert answer.status_code == 201, answer.text
    after = hashes(data)
    changed = {name.partition("-")[0].partition("/")[0] for name in after if after[name] != before.get(name)}
    assert {"journal.sqlite", "search.sqlite", "store"} <= changed
    assert writer.post(f"/changes/{answer.json()['revision']}/revert").status_code == 201


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """A folder with a data directory that nobody has open, and documents."""
    folder = tmp_path_factory.mktemp("commands")
    open_for_writing(folder / "data").close()
    (folder / "event.ttl").write_text(EVENT, encoding="utf-8")
    (folder / "broken.ttl").write_text("<a", encoding="utf-8")
    (folder / "absent.nq").write_text(f"{ABSENT} <{HELD}> .\n", encoding="utf-8")
    (folder / "ontology.trig").write_text(f"<{ONTOLOGY}> {{ {EVENT} }}", encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_a_refused_command_changes_nothing(left, monkeypatch, command):
    monkeypatch.chdir(left)
    data = left / "data"
    before = hashes(data, of_commands=True), said(data)
    done = CliRunner().invoke(main, [*COMMANDS[command], "--data", "data"])
    assert done.exit_code in {1, 2}, done.output
    assert (hashes(data, of_commands=True), said(data)) == before


def said(data):
    """Return what the store says, graph by graph, and the journal's last hash."""
    from pactgraph.journal import Journal

    store = Store.read_only(str(data / "store"))
    with closing(Journal(data / "journal.sqlite", read_only=True, at_rest=True)) as journal:
        return graph_hashes(store), len(store), journal.headings(limit=1)
