"""The commands as people run them: output, talk and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import NamedNode, RdfFormat, parse

from pactgraph.app import open_dataset
from pactgraph.cli import main

Run = Callable[..., Result]
PACT = "https://w3id.org/eukdp/ontology#"
NAMES = f"SELECT ?s ?name {{ ?s <{PACT}name> ?name }} ORDER BY LANG(?name)"


@pytest.fixture
def run(data: Path, ontology: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a data directory with the small graph."""
    open_dataset(data, ontology=ontology, facts=facts).close()
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, given: str = "", **environment: str) -> Result:
        variables = {"PACTGRAPH_DATA": str(data), **environment}
        return CliRunner().invoke(main, arguments, input=given.encode(), env=variables)

    return call


def test_a_table_is_what_people_get(run: Run) -> None:
    done = run("query", NAMES)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["s", "name"]
    assert [line.split()[1:] for line in lines[1:]] == [["a", "@en"], ["가", "@ko"]]
    assert b"2 rows" in done.stderr_bytes


@pytest.mark.parametrize(
    ("arguments", "given"), [(["-"], NAMES), (["-f", "-"], NAMES), (["-f", "q.rq"], ""), ([NAMES], "")]
)
def test_a_query_comes_from_many_places(run: Run, tmp_path: Path, arguments: list[str], given: str) -> None:
    (tmp_path / "q.rq").write_text(
        "\ufeff" + NAMES, encoding="utf-8"
    )  # with a byte order mark, as some editors do
    done = run("query", *arguments, "--format", "csv", given=given)
    assert [row[1] for row in csv.reader(io.StringIO(done.stdout))] == ["name", "a", "가"]


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "table"])
def test_nothing_found_is_exit_code_1_for_bindings(run: Run, name: str) -> None:
    assert run("query", "SELECT * { ?s <http://e.org/> ?o }", "--format", name).exit_code == 1
    assert run("query", "ASK { ?s <http://e.org/> ?o }", "--format", name).exit_code == 1
    assert run("query", NAMES, "--format", name).exit_code == 0
    assert run("query", "ASK { ?s ?p ?o }", "--format", name).exit_code == 0


@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld", "rdfxml", "trig", "nquads"])
def test_nothing_found_is_exit_code_1_for_graphs(run: Run, name: str) -> None:
    assert run("query", "CONSTRUCT WHERE { ?s <http://e.org/> ?o }", "--format", name).exit_code == 1
    assert run("query", "CONSTRUCT WHERE { ?s ?p ?o }", "--format", name).exit_code == 0


def test_a_graph_comes_as_turtle(run: Run) -> None:
    done = run("query", f"CONSTRUCT WHERE {{ ?s <{PACT}budget> ?o }}")
    assert [str(quad.predicate) for quad in parse(done.stdout_bytes, format=RdfFormat.TURTLE)] == [
        f"<{PACT}budget>"
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "SELEC"],
        ["query"],
        ["query", "ASK {}", "-f", "q.rq"],
        ["query", "-f", "absent.rq"],
        ["query", "INSERT DATA {}"],
        ["query", "ASK {}", "--format", "turtle"],
        ["query", "DESCRIBE <http://e.org/>", "--format", "table"],
        ["query", "ASK {}", "--format", "nonsense"],
        ["query", "ASK {}", "--timeout", "0"],
        ["query", "ASK {}", "--endpoint", "ftp://e.org/"],
        ["export", "nonsense", "x.ttl"],
        ["export", "entities", "x.nonsense"],
        ["export", "entities", "-"],
        ["export", "entities"],
        ["export", "--query", "absent.rq", "x.csv"],
        ["export", "entities", "absent/x.ttl"],
        ["nonsense"],
    ],
)
def test_asking_wrongly_is_exit_code_2_with_a_sentence(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout_bytes == b""
    assert b"Error: " in done.stderr_bytes
    assert b"Traceback" not in done.stderr_bytes
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_our_failure_is_exit_code_3(run: Run, data: Path) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
    done = run("query", slow, "--timeout", "0.5")
    assert (done.exit_code, b"longer than 0.5 s" in done.stderr_bytes) == (3, True)
    with open_dataset(data):
        held = run("query", "ASK {}")
    assert (held.exit_code, b"--endpoint URL" in held.stderr_bytes) == (3, True)


def test_a_misspelt_setting_is_told(run: Run) -> None:
    done = run("query", "ASK {}", PACTGRAPH_DATTA="x")
    assert (done.exit_code, b"did you mean PACTGRAPH_DATA" in done.stderr_bytes) == (2, True)


def test_an_endpoint_answers_like_the_directory(run: Run, url: str) -> None:
    there = run("query", NAMES, "--endpoint", url)
    assert there.stdout == run("query", NAMES).stdout


def test_a_closed_pipe_is_quiet(run: Run, data: Path, tmp_path: Path) -> None:
    many = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PACTGRAPH_DATA": str(data)}
    command = [sys.executable, "-m", "pactgraph", "query", many, "--format", "csv"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".jsonld", ".trig", ".nq"])
@pytest.mark.parametrize("view", ["statements", "entities"])
def test_an_export_is_the_same_bytes_each_time(run: Run, tmp_path: Path, view: str, suffix: str) -> None:
    outputs = [tmp_path / f"{number}{suffix}" for number in range(2)]
    for output in outputs:
        done = run("export", view, str(output))
        assert done.exit_code == 0
        dropped = suffix in {".ttl", ".nt"}
        assert (b"sources of the statements are dropped" in done.stderr_bytes) == dropped
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    quads = list(parse(path=outputs[0]))
    assert len([quad for quad in quads if quad.predicate == NamedNode(f"{PACT}budget")]) == (
        2 if suffix not in {".ttl", ".nt"} else 1
    )
    assert not any("graph/revisions" in str(quad) for quad in quads)
    if view == "entities":
        assert all(str(quad.subject).startswith("<https://w3id.org/eukdp/id/") for quad in quads)


def test_an_export_to_standard_output_needs_a_format(run: Run) -> None:
    done = run("export", "entities", "-", "--format", "ntriples")
    assert done.exit_code == 0
    assert len([line for line in done.stdout.splitlines() if not line.startswith("#")]) == 5


def test_a_failed_export_leaves_what_was_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mine")
    (tmp_path / "q.rq").write_text("SELEC")
    assert run("export", "--query", "q.rq", "x.csv").exit_code == 2
    assert (tmp_path / "x.csv").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "q.rq", "x.csv"]


def test_a_query_is_exported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "names.rq").write_text(NAMES)
    (tmp_path / "edges.rq").write_text("SELECT ?source ?target { ?source a ?target }")
    (tmp_path / "graph.rq").write_text("CONSTRUCT WHERE { ?s ?p ?o }")
    assert run("export", "--query", "edges.rq", "out.json").exit_code == 0
    assert json.loads((tmp_path / "out.json").read_bytes())["graph"]["edges"] > 0
    assert run("export", "--query", "graph.rq", "out.ttl").exit_code == 0
    assert run("export", "--query", "graph.rq", "again.ttl").exit_code == 0
    assert (tmp_path / "out.ttl").read_bytes() == (tmp_path / "again.ttl").read_bytes()
    no_graph = run("export", "--query", "names.rq", "out.graphml")
    assert (no_graph.exit_code, b"lacks ?source and ?target" in no_graph.stderr_bytes) == (2, True)


def test_tables_go_side_by_side(run: Run, tmp_path: Path) -> None:
    assert run("export", "entities", "out.parquet").exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.nodes.parquet", "out.parquet"]


def test_the_views_and_formats_are_listed(run: Run) -> None:
    lines = [line.split()[0] for line in run("export", "--list").stdout.splitlines() if line]
    assert lines[:7] == ["entities", "collaboration", "people", "funding", "topics", "timeline", "statements"]
    assert {"graphml", "gexf", "csv", "parquet", "xlsx", "ics", "html"} <= set(lines)


def test_an_analysis_as_table_json_and_csv(run: Run) -> None:
    assert run("analyse", "entities").exit_code == 0
    found = json.loads(run("analyse", "entities", "--format", "json").stdout)
    assert found["results"][0].keys() >= {"degree", "weighted_degree", "betweenness", "community", "core"}
    assert run("analyse", "entities", "--format", "csv").stdout.startswith("label,")
    assert run("analyse", "people").exit_code == 1


def test_serve_says_one_line_and_ends_well(data: Path, run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pactgraph.web.server", reason="the HTTP edge is not here yet")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PACTGRAPH_DATA": str(data)}
    command = [sys.executable, "-m", "pactgraph", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=tmp_path) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        asked = run("query", NAMES, "--format", "csv", "--endpoint", f"{url.rstrip('/')}/sparql")
        assert (asked.exit_code, len(asked.stdout.splitlines())) == (0, 3)
        process.terminate()
        assert process.wait(10) == 0
        assert process.stdout.read() == b""
