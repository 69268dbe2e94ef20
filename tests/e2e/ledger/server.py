"""``pactgraph serve`` as a process of its own: started, written to by many clients at once, killed."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

BASE = "https://w3id.org/eukdp/"
SOURCE = f"{BASE}source/bas3"
GRAPH = f"{BASE}graph/bas3"
THINGS = f"{BASE}id/organisation/test-"
PARTS = 4
CLIENTS = 4


def facts(name):
    """Return an organisation that the shipped shapes let in, as Turtle."""
    return (
        f"<{THINGS}{name}> a <http://www.w3.org/ns/org#Organization> ;"
        f' <http://www.w3.org/2004/02/skos/core#prefLabel> "Test {name}"@en , "시험 {name}"@ko ;'
        f' <http://www.w3.org/2004/02/skos/core#altLabel> "T{name}"@en .'
    )


class Server:
    """A server on a data directory."""

    def __init__(self, data: Path, *options: str, wait: bool = True):
        command = [sys.executable, "-m", "pactgraph", "serve", "--port", "0", "--workers", "1"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.log = data.with_name(f"{data.name}.log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(data), *options], stdout=subprocess.PIPE, stderr=log, env=environment
            )
        if wait:
            self.ready()

    def ready(self):
        """Wait until it is; remember its address."""
        line = self.process.stdout.readline().decode()
        assert "http" in line, self.log.read_text()
        self.address = urlsplit(line[line.index("http") :].split()[0]).netloc

    def workers(self):
        """Return the process ids of its children."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return {pid for task in tasks for pid in (task / "children").read_text().split()}

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, self.log.read_text()
        self.process.stdout.close()

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=60)

    def get(self, path):
        """Return what a path answers, as JSON."""
        line = self.connect()
        try:
            line.request("GET", path, headers={"Accept": "application/json, application/sparql-results+json"})
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return json.loads(body)
        finally:
            line.close()

    def statements(self):
        """Return how many statements there are about each thing that a test brought."""
        query = (
            f"SELECT ?s (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }}"
            f' FILTER(STRSTARTS(STR(?s), "{THINGS}")) }} GROUP BY ?s'
        )
        rows = self.get(f"/sparql?query={quote(query)}")["results"]["bindings"]
        return {row["s"]["value"].removeprefix(THINGS): int(row["n"]["value"]) for row in rows}


def submit(line, token, text, **parameters):
    """Post Turtle on a connection; return the status and the body."""
    asked = "&".join(f"{name}={quote(value)}" for name, value in {"source": SOURCE, **parameters}.items())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
    line.request("POST", f"/changes?{asked}", body=text.encode(), headers=headers)
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


class Crowd:
    """Clients that submit one thing after the other until their server is gone."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.tried = set()
        self.acknowledged = {}
        self.failures = []
        self._changed = threading.Condition()

    def run(self, server, life, enough, then):
        """Let every client submit; once ``enough`` more are acknowledged call ``then``, which ends the server."""
        clients = [
            threading.Thread(target=self._submit, args=(server, token, f"{life}-{number}"))
            for number, token in enumerate(self.tokens)
        ]
        wanted = len(self.acknowledged) + enough
        for client in clients:
            client.start()
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.acknowledged) >= wanted or self.failures, 120)
        then()
        for client in clients:
            client.join(60)
            assert not client.is_alive()
        assert came, f"only {len(self.acknowledged)} of {wanted}"
        assert self.failures == []

    def _submit(self, server, token, client):
        with suppress(OSError, http.client.HTTPException, ValueError), closing(server.connect()) as line:
            for number in range(100_000):  # until the server is gone, midway perhaps
                name = f"{client}-{number}"
                self.tried.add(name)
                status, told = submit(line, token, facts(name))
                with self._changed:
                    if status == 201:
                        self.acknowledged[name] = told["revision"]
                    else:
                        self.failures.append(told)
                    self._changed.notify_all()
                if status != 201:
                    return
