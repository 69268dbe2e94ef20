"""S2 and S3: LOAD is refused through every door; FROM names graphs and reads nothing."""

from __future__ import annotations

import os

import pytest

LOADS = [
    "LOAD <URL>",
    "LOAD SILENT <URL>",
    "LOAD <URL> INTO GRAPH <http://example.org/g>",
    "load\n<URL>",
    "\\u004cOAD <URL>",
    "INSERT DATA { <a:a> <a:b> <a:c> } ; LOAD <URL>",
    "PREFIX x: <URL> LOADx:",
    "BASE <URL> LOAD <>",
]
DATASETS = [
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "CONSTRUCT FROM <URL> WHERE { ?s ?p ?o }",
    "PREFIX x: <URL> SELECT * FROM x: { ?s ?p ?o }",
    "BASE <URL> SELECT * FROM <> { ?s ?p ?o }",
]


@pytest.fixture
def targets(tmp_path, canary):
    planted = tmp_path / "planted.ttl"
    planted.write_text('<urn:secret> <urn:is> "planted words" .')
    return ["file:///etc/hostname", planted.as_uri(), canary.url + "/x.ttl"]


@pytest.mark.parametrize("text", LOADS)
def test_load_is_refused(client, endpoint, canary, targets, door, text):  # noqa: PLR0917 - fixtures
    for target in targets:
        assert door.send(client, endpoint.url, text.replace("URL", target)).status_code in {400, 403, 415}
    assert canary.hits == []


@pytest.mark.parametrize("text", DATASETS)
def test_from_reads_nothing(ask, canary, targets, text):
    for target in targets:
        answer = ask(text.replace("URL", target))
        assert answer.status_code in {200, 400}
        assert "planted words" not in answer.text
        assert os.uname().nodename not in answer.text
    assert canary.hits == []


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_dataset_parameters_read_nothing(ask, canary, targets, name):
    for target in targets:
        answer = ask("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", **{name: target})
        assert answer.json()["results"]["bindings"] == []
    assert canary.hits == []


PROBE = """
import json, os, socket, sys
from pactgraph.isolation import isolate
held = isolate(sys.argv[1])
def refused(act):
    try:
        act()
    except OSError:
        return True
    return False
print(json.dumps({
    "network": held.network, "files": held.files,
    "socket": refused(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)),
    "file": refused(lambda: open("/etc/hostname").read()),
    "write": refused(lambda: open(sys.argv[1] + "/new", "w")),
    "planted": open(sys.argv[2]).read(),
    "program": refused(lambda: os.execv("/bin/true", ["true"])),
    "fork": refused(os.fork),
    "signal": refused(lambda: os.kill(os.getppid(), 0)),
    "environment": refused(lambda: open("/proc/%d/environ" % os.getppid()).read()),
}))
"""


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux confines a process by the kernel")
def test_the_kernel_holds_what_a_worker_says(tmp_path, canary, run_python):
    """What `isolate` says to hold, it holds: the second line when the guard is wrong."""
    (tmp_path / "planted").write_text("words")
    held = run_python(PROBE, tmp_path, tmp_path / "planted", canary.server_port)
    assert held["planted"] == "words"
    for claim, facts in (("network", ("socket",)), ("files", ("file", "write", "environment"))):
        assert held[claim], f"this system does not cut {claim}"
        assert all(held[fact] for fact in facts)
    assert held["program"]
    assert held["fork"]
    assert held["signal"]
    assert canary.hits == []
