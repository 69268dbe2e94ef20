"""Every row of the dossier stands in the graph of each of its sources, and nothing stands there unsaid."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

BASE = "https://w3id.org/eukdp/"
CHECKOUT = Path(__file__).resolve().parents[2]
PACT = BASE + "ontology#"
HAD_PRIMARY_SOURCE = ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
ROWS_PER_TABLE = {"A": 81, "E": 69, "J": 71, "O": 58, "P": 55, "T": 39}
READ_ROWS, ARTICLE_ROWS, INFERRED_ROWS = 339, 13, 21
SOURCES = 187
WEAK_ONLY = {"A37", "A61", "A77", "P28", "P29", "P30", "J52", "J71", "J72"}


def graph(slug):
    return ox.NamedNode(f"{BASE}graph/{slug}")


def source(slug):
    return ox.NamedNode(f"{BASE}source/{slug}")


def pact(name):
    return ox.NamedNode(PACT + name)


def objects(store, subject, predicate, graph_name=ox.DefaultGraph()):  # noqa: B008  immutable
    return {quad.object for quad in store.quads_for_pattern(subject, predicate, None, graph_name)}


@pytest.fixture(scope="session")
def dossier(rows):
    """Leave out what stands beside contradictions and notes: the dossier has no row of its own for it."""
    return {name: row for name, row in rows.items() if name[0] != "C" and "-" not in name}


@pytest.fixture(scope="session")
def original():
    """Read the table that the rows were written from, where it is at hand."""
    folder = os.environ.get("PACTGRAPH_DOSSIER")
    if not folder:
        pytest.skip("PACTGRAPH_DOSSIER names no folder with facts.csv and sources.csv")
    with (Path(folder) / "facts.csv").open(newline="") as lines:
        return {line["id"]: line for line in csv.DictReader(lines)}


def test_the_dossier_has_all_its_rows(dossier):
    assert Counter(name[0] for name in dossier) == ROWS_PER_TABLE
    assert Counter(row.evidence for row in dossier.values()) == {
        "read": READ_ROWS,
        "article": ARTICLE_ROWS,
        "inferred": INFERRED_ROWS,
    }


def test_every_row_is_carried_by_statements(rows):
    assert [name for name, row in rows.items() if not row.statements] == []


def test_no_statement_belongs_to_a_row_that_rows_csv_does_not_list(rows):
    written = {
        quad.graph_name.value.rpartition("/")[2]
        for path in (CHECKOUT / "dossier" / "rows").glob("*.trig")
        for quad in ox.parse(path=str(path))
    }
    assert written == set(rows)


def test_every_stated_row_stands_in_the_graph_of_each_source(dataset, rows):
    missing = [
        (row.id, slug, str(triple))
        for row in rows.values()
        if row.evidence != "inferred"
        for slug in row.sources
        for triple in row.statements
        if ox.Quad(*triple, graph(slug)) not in dataset
    ]
    assert missing == []


def test_every_inferred_row_stands_in_an_inference_graph_of_its_own(dataset, rows):
    for row in rows.values():
        if row.evidence != "inferred":
            continue
        name = graph(f"inference-{row.id.lower()}")
        described = {quad.triple for quad in dataset.quads_for_pattern(name, None, None, name)}
        held = {quad.triple for quad in dataset.quads_for_pattern(None, None, None, name)}
        assert held - described == row.statements, row.id
        assert objects(dataset, name, HAD_PRIMARY_SOURCE, name) == {source(slug) for slug in row.sources}
        assert objects(dataset, name, RDF_TYPE, name) == {pact("InferenceGraph")}
        assert objects(dataset, name, pact("inferenceReason"), name), row.id


def test_a_source_graph_holds_nothing_but_rows_claims_and_its_description(dataset, rows):
    by_source: dict[str, set[ox.Triple]] = {}
    for row in rows.values():
        if row.evidence != "inferred":
            for slug in row.sources:
                by_source.setdefault(slug, set()).update(row.statements)
    unsaid = []
    for name in dataset.named_graphs():
        slug = name.value.rpartition("/")[2]
        if slug == "editors" or slug.startswith("inference-"):
            continue
        for quad in dataset.quads_for_pattern(None, None, None, name):
            about_itself = quad.subject in (name, source(slug)) or "/id/claim/" in quad.subject.value
            if not about_itself and quad.triple not in by_source.get(slug, set()):
                unsaid.append(str(quad))
    assert unsaid == []


def test_the_facts_are_what_the_dossier_gives():
    built = subprocess.run(
        [sys.executable, "scripts/build_facts.py", "--check"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr


def test_all_sources_are_described_in_their_own_graph(dataset):
    numbers = Counter()
    for quad in dataset.quads_for_pattern(None, pact("sourceNumber"), None, ox.DefaultGraph()):
        numbers[int(quad.object.value)] += 1
        slug = quad.subject.value.rpartition("/")[2]
        name = graph(slug)
        assert objects(dataset, name, HAD_PRIMARY_SOURCE, name) == {quad.subject}
        for described in ("grade", "placeRead"):
            assert objects(dataset, quad.subject, pact(described), name), (slug, described)
    assert numbers == dict.fromkeys(range(1, SOURCES + 1), 1)


def test_every_named_graph_says_what_it_is_and_where_it_comes_from(dataset):
    kinds = {pact("SourceGraph"), pact("InferenceGraph")}
    for name in dataset.named_graphs():
        described = objects(dataset, name, RDF_TYPE, name)
        assert len(described & kinds) == 1, name
        assert objects(dataset, name, HAD_PRIMARY_SOURCE, name), name


def test_there_are_no_blank_nodes(dataset):
    found = [
        str(quad)
        for quad in dataset
        if not isinstance(quad.graph_name, ox.DefaultGraph)
        and (isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode))
    ]
    assert found == []


def test_rows_on_weak_sources_only_are_the_known_nine(dataset, dossier):
    weak = ox.NamedNode(BASE + "code/grade/weak")
    found = {
        row.id
        for row in dossier.values()
        if row.evidence == "read"
        and all(objects(dataset, source(slug), pact("grade")) == {weak} for slug in row.sources)
    }
    assert found == WEAK_ONLY


def test_rows_name_the_sources_of_the_original(original, dossier, dataset):
    number = {
        quad.subject.value.rpartition("/")[2]: quad.object.value
        for quad in dataset.quads_for_pattern(None, pact("sourceNumber"), None, ox.DefaultGraph())
    }
    assert set(original) == set(dossier)
    for name, row in dossier.items():
        assert sorted(number[slug] for slug in row.sources) == sorted(
            original[name]["source_nos"].split(";")
        ), name
        assert row.evidence == original[name]["evidence"], name
