"""Expand ``dossier/`` into ``facts/*.trig``: every statement into the named graph of each source of it.

    python scripts/build_facts.py            write facts/*.trig
    python scripts/build_facts.py --check    exit 1 when facts/*.trig are not what dossier/ gives

A row of the dossier is written once (``dossier/rows/*.trig``) and names its sources once, in
``dossier/rows.csv``, so that no statement can miss a source or land in the wrong graph.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://w3id.org/eukdp/"
PACT = BASE + "ontology#"
PROV_SOURCE = ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EDITORS = "editors"
# The verdict on a claim is the editors'; what the claim says is its sources'.
EDITORIAL = {PACT + name for name in ("verdict", "verdictReason", "contradicts", "inContradiction")}
GRADES = ("primary", "institutional", "news", "weak")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph


def pact(name: str) -> ox.NamedNode:
    """Return a term of the ontology."""
    return ox.NamedNode(PACT + name)


def graph(slug: str) -> ox.NamedNode:
    """Return the named graph of the source with this slug."""
    return ox.NamedNode(f"{BASE}graph/{slug}")


def source(slug: str) -> ox.NamedNode:
    """Return the source with this slug."""
    return ox.NamedNode(f"{BASE}source/{slug}")


def local(term: Term) -> str:
    """Return the last part of an IRI of the dossier."""
    if not isinstance(term, ox.NamedNode):
        raise TypeError(f"{term} is no IRI; the dossier holds no blank nodes")
    return term.value.rpartition("/")[2]


def quads_of(path: Path) -> Iterator[ox.Quad]:
    """Read one file of the dossier."""
    return iter(ox.parse(path=str(path)))


def source_graphs(dossier: Path) -> Iterator[ox.Quad]:
    """Describe every source in its own graph, and tie the graph to it."""
    for quad in quads_of(dossier / "sources.ttl"):
        slug = local(quad.subject)
        yield ox.Quad(quad.subject, quad.predicate, quad.object, graph(slug))
        if quad.predicate == RDF_TYPE:
            yield ox.Quad(graph(slug), RDF_TYPE, pact("SourceGraph"), graph(slug))
            yield ox.Quad(graph(slug), PROV_SOURCE, source(slug), graph(slug))


def row_graphs(dossier: Path) -> Iterator[ox.Quad]:
    """Put each row into the graph of each of its sources, an inferred row into a graph of its own."""
    with (dossier / "rows.csv").open(newline="") as lines:
        rows = {row["id"]: row for row in csv.DictReader(lines)}
    for path in sorted((dossier / "rows").glob("*.trig")):
        for quad in quads_of(path):
            row = rows[local(quad.graph_name)]
            for name in row_targets(row):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
    yield from (quad for row in rows.values() if row["evidence"] == "inferred" for quad in inference(row))


def row_targets(row: dict[str, str]) -> list[ox.NamedNode]:
    """Return the named graphs that hold the statements of a row."""
    if row["evidence"] == "inferred":
        return [graph(f"inference-{row['id'].lower()}")]
    return [graph(slug) for slug in row["sources"].split()]


def inference(row: dict[str, str]) -> Iterator[ox.Quad]:
    """Describe the inference graph of a row: from which sources, and how."""
    name = graph(f"inference-{row['id'].lower()}")
    reason = row["note"] or "Joins what the sources say; none of them states it as such."
    yield ox.Quad(name, RDF_TYPE, pact("InferenceGraph"), name)
    yield ox.Quad(name, pact("inferenceReason"), ox.Literal(reason, language="en"), name)
    for slug in row["sources"].split():
        yield ox.Quad(name, PROV_SOURCE, source(slug), name)


def editors_graph(dossier: Path) -> Iterator[ox.Quad]:
    """Hold names, kinds, verdicts and assessments in the graph of the editorial record."""
    for name in ("editors.ttl", "entities.ttl", "assessments.ttl"):
        for quad in quads_of(dossier / name):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph(EDITORS))


def claim_graphs(dossier: Path) -> Iterator[ox.Quad]:
    """Put what a claim says into the graph of each of its sources; the verdict is the editors'."""
    quads = list(quads_of(dossier / "claims.ttl"))
    places = {
        local(quad.subject): quad.object
        for quad in quads_of(dossier / "sources.ttl")
        if quad.predicate == pact("placeRead")
    }
    sources: dict[Term, list[Term]] = {}
    for quad in quads:
        if quad.predicate == PROV_SOURCE:
            sources.setdefault(quad.subject, []).append(quad.object)
    for quad in quads:
        subject, predicate, value = quad.subject, quad.predicate, quad.object
        stated_by = sources.get(subject, [])
        if predicate.value in EDITORIAL or not stated_by:
            yield ox.Quad(subject, predicate, value, graph(EDITORS))
        elif predicate == PROV_SOURCE:
            slug = local(value)
            yield ox.Quad(subject, predicate, value, graph(slug))
            yield ox.Quad(subject, pact("locator"), places[slug], graph(slug))
        else:
            for one in stated_by:
                yield ox.Quad(subject, predicate, value, graph(local(one)))


def by_file(quads: Iterable[ox.Quad]) -> dict[str, set[ox.Quad]]:
    """Group the quads into files: one for each grade of source, one for inferences, one for the editors."""
    quads = set(quads)
    grade: dict[Term, str] = {
        quad.graph_name: local(quad.object) for quad in quads if quad.predicate == pact("grade")
    }
    files: dict[str, set[ox.Quad]] = {f"sources-{name}.trig": set() for name in GRADES}
    files |= {"inferences.trig": set(), "editors.trig": set()}
    for quad in quads:
        if quad.graph_name == graph(EDITORS):
            files["editors.trig"].add(quad)
        elif quad.graph_name in grade:
            files[f"sources-{grade[quad.graph_name]}.trig"].add(quad)
        else:
            files["inferences.trig"].add(quad)
    return files


def serialize(quads: set[ox.Quad], prefixes: dict[str, str]) -> bytes:
    """Write TriG in a fixed order, so that the same facts give the same bytes; types come first."""

    def order(quad: ox.Quad) -> tuple[str, str, bool, str, str]:
        return (
            str(quad.graph_name),
            str(quad.subject),
            quad.predicate != RDF_TYPE,
            str(quad.predicate),
            str(quad.object),
        )

    serialised = ox.serialize(sorted(quads, key=order), format=ox.RdfFormat.TRIG, prefixes=prefixes) or b""
    body = "".join(
        line for line in serialised.decode().splitlines(keepends=True) if not line.startswith("@prefix")
    )
    # pyoxigraph declares prefixes in an order that changes from run to run; these bytes must not.
    used = [name for name in sorted(prefixes) if f"{name}:" in body]
    head = "".join(f"@prefix {name}: <{prefixes[name]}> .\n" for name in used)
    return f"# Written by scripts/build_facts.py from dossier/; edit there.\n{head}{body}".encode()


def prefixes_of(path: Path) -> dict[str, str]:
    """Read the prefix map from the declarations of ``ontology/prefixes.ttl``."""
    parser = ox.parse(path=str(path))
    list(parser)
    return dict(parser.prefixes)


def build(root: Path = ROOT) -> dict[str, bytes]:
    """Return the name and content of every file in ``facts/``."""
    dossier = root / "dossier"
    quads = [
        quad for part in (source_graphs, row_graphs, editors_graph, claim_graphs) for quad in part(dossier)
    ]
    prefixes = prefixes_of(root / "ontology" / "prefixes.ttl")
    return {name: serialize(content, prefixes) for name, content in by_file(quads).items()}


def main(arguments: list[str]) -> int:
    """Write the files, or say which of them differ."""
    folder = ROOT / "facts"
    stale = []
    for name, content in build().items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            stale.append(name)
            if "--check" not in arguments:
                path.write_bytes(content)
    if "--check" in arguments and stale:
        print(
            f"not what dossier/ gives: {', '.join(stale)}; run python scripts/build_facts.py", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
