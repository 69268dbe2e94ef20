"""Terms, names, settings and the description of a revision."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

import pactgraph
from pactgraph import vocab
from pactgraph.config import check_variables, default_data
from pactgraph.errors import InputError
from pactgraph.model import Revision
from pactgraph.provenance import describe_revision
from pactgraph.terms import resolve_iri, skolemized


def test_blank_nodes_become_the_same_iris_whatever_they_were_called() -> None:
    first = "_:x <http://e.org/p> _:y . _:y <http://e.org/p> [ <http://e.org/p> 1 ] ."
    second = first.replace("_:x", "_:a").replace("_:y", "_:b")
    outcomes = [
        set(skolemized(parse(text, format=RdfFormat.TURTLE), "http://e.org/genid/"))
        for text in (first, second)
    ]
    assert outcomes[0] == outcomes[1]
    assert {str(quad.subject) for quad in outcomes[0]} == {f"<http://e.org/genid/{n}>" for n in (1, 2, 3)}


def test_blank_graph_names_are_skolemized_too() -> None:
    quad = Quad(BlankNode("a"), NamedNode("http://e.org/p"), Literal(1), BlankNode("a"))
    skolem = next(skolemized([quad], "http://e.org/"))
    assert skolem.graph_name == skolem.subject == NamedNode("http://e.org/1")


@pytest.mark.parametrize("reference", ["relative", "http://e.org/<", "a b:c", ""])
def test_a_bad_iri_is_an_input_error(reference: str) -> None:
    with pytest.raises(InputError, match="absolute IRI"):
        resolve_iri(reference)


def test_the_prefix_map_is_what_the_file_declares(tmp_path: Path) -> None:
    file = tmp_path / "prefixes.ttl"
    file.write_text("@prefix ex: <http://e.org/> .\nPREFIX : <http://e.org/#>\n")
    assert vocab.prefixes(file) == {"ex": "http://e.org/", "": "http://e.org/#"}
    assert vocab.prefixes(tmp_path / "absent.ttl") == {}


def test_a_revision_says_who_when_why_and_how_much() -> None:
    revision = Revision(7, "https://example.org/me", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "because")
    quads = describe_revision(revision, added=3, removed=1)
    assert {quad.graph_name for quad in quads} == {vocab.REVISIONS_GRAPH}
    assert {quad.subject for quad in quads} == {NamedNode("https://w3id.org/eukdp/revision/7")}
    told = {quad.predicate: quad.object for quad in quads}
    assert told[vocab.ENDED_AT] == Literal("2026-01-02T03:04:05+00:00", datatype=vocab.DATE_TIME)
    assert told[vocab.ASSOCIATED_WITH] == NamedNode("https://example.org/me")
    assert (told[vocab.STATEMENTS_ADDED], told[vocab.STATEMENTS_REMOVED]) == (Literal(3), Literal(1))
    assert told[vocab.DESCRIPTION] == Literal("because", language="en")


def test_a_misspelt_setting_is_an_error_with_a_suggestion() -> None:
    check_variables({"PACTGRAPH_DATA": "x", "HOME": "/", "PACTGRAPH_ROBOT": "robot.jar"})
    with pytest.raises(InputError, match="did you mean PACTGRAPH_WORKERS"):
        check_variables({"PACTGRAPH_WORKER": "3"})


def test_the_data_directory_comes_from_the_environment() -> None:
    assert default_data({}) == Path("pactgraph-data")
    assert default_data({"PACTGRAPH_DATA": "there"}) == Path("there")


def test_the_version_is_the_one_of_the_package() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{pactgraph.__version__}"' in text
    with pytest.raises(AttributeError, match="nothing"):
        _ = pactgraph.nothing  # type: ignore[attr-defined]
