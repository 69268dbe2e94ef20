"""The server under test: ``pactgraph serve --profile conformance``, a process of its own, filled over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import httpx2
import pyoxigraph as ox

_PROGRAM = "from pactgraph.cli import main; main()"
_BLANK = re.compile(r"_:\w+")
_NTRIPLES = {"Content-Type": "application/n-triples"}


class Server:
    """A server whose dataset can be replaced, by requests of the Graph Store Protocol."""

    def __init__(self, url: str, token: str, client: httpx2.Client) -> None:
        self.url = url
        self.client = client
        self.writer = {"Authorization": f"Bearer {token}"}
        self._held: object = None
        self._graphs: set[str] = set()

    def hold(self, key: object, quads: Iterable[ox.Quad]) -> None:
        """Hold these quads and no others; the same ``key`` twice in a row changes nothing."""
        if key == self._held:
            return
        self._held = None
        graphs = {
            name: list(group)
            for name, group in groupby(sorted(quads, key=_name_of_graph), key=_name_of_graph)
        }
        for gone in self._graphs - set(graphs):
            self.client.delete(self._graph(gone), headers=self.writer)
        whole = _shares_blank_nodes(graphs)
        for name in {"", *graphs}:
            self._put(name, [] if whole else graphs.get(name, []))
        if whole:  # documents of their own would be two nodes
            self._insert(graphs)
        self._graphs = set(graphs) - {""}
        self._held = key

    def forget(self) -> None:
        """Say that what is held has been changed; all graphs that there are now go at the next change."""
        self._held = None
        answer = self.client.get(
            f"{self.url}/sparql",
            params={"query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"},
            headers={"Accept": "application/sparql-results+json"},
        )
        self._graphs = {row["g"]["value"] for row in answer.json()["results"]["bindings"]}

    def _put(self, name: str, quads: list[ox.Quad]) -> None:
        triples = [quad.triple for quad in quads]
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        answer = self.client.put(self._graph(name), content=body, headers=self.writer | _NTRIPLES)
        answer.raise_for_status()

    def _insert(self, graphs: dict[str, list[ox.Quad]]) -> None:
        blocks = [
            (f"GRAPH <{name}> {{ %s }}" if name else "%s")
            % (ox.serialize([quad.triple for quad in quads], format=ox.RdfFormat.N_TRIPLES) or b"").decode()
            for name, quads in graphs.items()
        ]
        update = "INSERT DATA {\n" + "\n".join(blocks) + "\n}"
        answer = self.client.post(f"{self.url}/sparql/update", data={"update": update}, headers=self.writer)
        answer.raise_for_status()

    def _graph(self, name: str) -> httpx2.URL:
        parameters = {"graph": name} if name else {"default": ""}
        return httpx2.URL(f"{self.url}/graphs", params=parameters)


def _shares_blank_nodes(graphs: dict[str, list[ox.Quad]]) -> bool:
    """Whether a blank node is in two graphs; one in a triple term counts by the term's text."""
    seen: dict[str, str] = {}
    for name, quads in graphs.items():
        for node in {each for quad in quads for each in _BLANK.findall(str(quad))}:
            if seen.setdefault(node, name) != name:
                return True
    return False


def _name_of_graph(quad: ox.Quad) -> str:
    return "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name.value)


@contextmanager
def served(data: Path) -> Iterator[Server]:
    """Run the server on a new data directory; give it with a client that may write."""
    token = _run("token", "create", "suite", "--data", str(data)).strip().rpartition("\n")[2]
    command = ["serve", "--profile", "conformance", "--port", "0", "--data", str(data), "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *command, "--query-timeout", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(),
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[-1]
        with httpx2.Client(timeout=60) as client:
            yield Server(url, token, client)
        assert process.poll() is None, "the server has died"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _run(*arguments: str) -> str:
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=_environment()).stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
