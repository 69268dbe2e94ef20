"""``pactgraph check`` and ``pactgraph validate``, called as commands over a small world."""

import http.server
import io
import json
import threading
from contextlib import nullcontext
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rich.console import Console

from pactgraph.cli.against import Against
from pactgraph.cli.check import check
from pactgraph.cli.validate import validate
from pactgraph.cli.waiting import waiting
from pactgraph.errors import InputError, SyntaxFault
from pactgraph.ingest.checking import check_files
from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.crossing import graph_of
from pactgraph.terms import canonical

HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://example.org/> .
@prefix s: <http://example.org/shapes#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix src: <https://w3id.org/eukdp/source/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """
s:Event a sh:NodeShape ; sh:targetClass e:Event ; sh:property
  [ sh:path e:start ; sh:minCount 1 ; sh:message "When does it begin?"@en ] ,
  [ sh:path e:place ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Where?"@en ] .
"""
WORLD = 'src:paper a e:Source ; dcterms:title "A paper" . e:summit a e:Event ; e:start 2023 .'
GOOD = "e:fair a e:Event ; e:start 2024 ; e:place e:seoul ."
SOURCE = "https://w3id.org/eukdp/source/paper"


def graph(turtle):
    return graph_of(canonical(read_quads((HEAD + turtle).encode(), format="ttl", trusted=True)))


def against(**places):
    defaults = {"shapes": lambda: graph(SHAPES), "shipped": lambda: graph(WORLD)}
    return Against(**{**defaults, **places})


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PACTGRAPH_DATA", raising=False)
    return tmp_path


def write(folder, name, turtle):
    (folder / name).write_text(HEAD + turtle)
    return name


def run(command, *arguments, stdin=None, **places):
    return CliRunner().invoke(command, arguments, obj=against(**places), input=stdin)


def test_good_facts_conform_and_nothing_is_written(here):
    result = run(check, write(here, "good.ttl", GOOD), "--source", SOURCE)
    assert (result.exit_code, result.stdout) == (0, "Conforms: nothing to remark.\n")
    assert "against the shipped graph" in result.stderr
    assert [path.name for path in here.iterdir()] == ["good.ttl"]


def test_bad_facts_do_not_conform(here):
    result = run(check, write(here, "bad.ttl", "e:fair a e:Event ."), "--source", SOURCE)
    assert result.exit_code == 1
    assert "Violation: “fair”, start: When does it begin? (Nothing is given.)" in result.stdout
    assert "summit" not in result.stdout


def test_a_warning_is_told_and_conforms(here):
    result = run(check, write(here, "warn.ttl", "e:fair a e:Event ; e:start 2024 ."), "--source", SOURCE)
    assert result.exit_code == 0
    assert result.stdout.startswith("Conforms: 1 warning.")


def test_facts_without_a_source_are_refused_with_that_reason(here):
    result = run(check, write(here, "good.ttl", GOOD), "--format", "json")
    assert result.exit_code == 1
    assert [found["code"] for found in json.loads(result.stdout)["results"]] == ["no-source"]


def test_files_are_judged_together(here):
    first = write(here, "a.ttl", "e:fair a e:Event ; e:place e:seoul .")
    second = write(here, "b.ttl", "e:fair e:start 2024 .")
    assert run(check, first, "--source", SOURCE).exit_code == 1
    assert run(check, first, second, "--source", SOURCE).exit_code == 0


def test_standard_input_is_read_with_its_format(here):
    nothing = run(check, "-", "--source", SOURCE, stdin=HEAD + GOOD)
    assert isinstance(nothing.exception, InputError)
    assert run(check, "-", "--input-format", "turtle", "--source", SOURCE, stdin=HEAD + GOOD).exit_code == 0


def test_turtle_is_the_standard_report(here):
    result = run(
        check, write(here, "bad.ttl", "e:fair a e:Event ."), "--source", SOURCE, "--format", "turtle"
    )
    found = {quad.object.value for quad in ox.parse(result.stdout, format=ox.RdfFormat.TURTLE)}
    assert {"http://www.w3.org/ns/shacl#ValidationReport", "http://example.org/fair"} <= found


def test_unreadable_input_ends_with_the_code_for_it(here):
    broken = run(check, write(here, "broken.ttl", "e:fair a"))
    assert isinstance(broken.exception, SyntaxFault)
    assert broken.exception.exit_code == 2
    assert run(check).exit_code == 2
    assert isinstance(run(check, "missing.ttl").exception, InputError)


def test_an_existing_data_directory_is_what_it_is_judged_against(here):
    opened = []

    def open_directory(directory):
        opened.append(directory.name)
        return nullcontext(graph(WORLD + "e:fair e:start 2024 ."))

    (here / "mine").mkdir()
    name = write(here, "part.ttl", "e:fair a e:Event ; e:place e:seoul .")
    assert run(check, name, "--source", SOURCE, "--data", "mine", opened=open_directory).exit_code == 0
    assert run(check, name, "--source", SOURCE, "--data", "yours", opened=open_directory).exit_code == 1
    assert opened == ["mine"]
    assert not (here / "yours").exists()


def test_validate_judges_the_whole_graph_and_groups_warnings(here):
    result = run(
        validate, shipped=lambda: graph(WORLD + "e:a a e:Event ; e:start 1 . e:b a e:Event ; e:start 2 .")
    )
    assert result.exit_code == 0
    assert result.stdout.startswith("Conforms: 3 warnings.\n\nWarning, 3 times: ")
    assert run(validate, shipped=lambda: graph(WORLD + "e:a a e:Event .")).exit_code == 1


def test_check_files_is_the_same_for_programs(here):
    write(here, "good.ttl", GOOD)
    report = check_files(graph(WORLD), [here / "good.ttl"], SOURCE, shapes=graph(SHAPES))
    assert report.conforms


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
        body = "\n".join(map(str, self.server.store.query(query))).replace("\n", " .\n").encode() + b" ."
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Keep the test's output clean."""


@pytest.fixture
def endpoint():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.store, server.status = ox.Store(), 200
        server.store.extend(read_quads((HEAD + WORLD + "e:fair e:start 2024 .").encode(), format="ttl"))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_graph_behind_an_endpoint_is_what_it_is_judged_against(here, endpoint):
    url = f"http://127.0.0.1:{endpoint.server_port}/sparql"
    name = write(here, "part.ttl", "e:fair a e:Event ; e:place e:seoul .")
    assert run(check, name, "--source", SOURCE, "--endpoint", url).exit_code == 0
    endpoint.status = 503
    assert "answered 503" in str(run(check, name, "--endpoint", url).exception)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/sparql", "file:///etc/hostname", "sparql"])
def test_an_endpoint_that_is_none_is_told(here, url):
    fault = run(check, write(here, "good.ttl", GOOD), "--endpoint", url).exception
    assert isinstance(fault, InputError)
    assert url in str(fault)


def test_a_bar_appears_only_at_a_terminal_and_after_two_seconds():
    for terminal, seconds, seen in ((True, 5, True), (True, 1, False), (False, 5, False)):
        screen, now = io.StringIO(), iter([0.0, seconds])
        console = Console(file=screen, force_terminal=terminal, width=60)
        with waiting("Checking", console=console, clock=lambda now=now: next(now)) as advance:
            advance(1, 2)
        assert ("Checking" in screen.getvalue()) is seen
