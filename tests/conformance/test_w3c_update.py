"""The W3C suites for SPARQL 1.1 Update, strict both ways, on a store whose default graph is writable."""

import os
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from pactgraph.errors import QueryRefused, SyntaxFault
from pactgraph.ingest.updates import read_update
from pactgraph.model import Snapshot
from pactgraph.terms import skolemized

SUITE = os.environ.get("PACTGRAPH_W3C_TESTS")
needs_suite = pytest.mark.skipif(
    not SUITE,
    reason="set PACTGRAPH_W3C_TESTS to a folder with the tests of w3c/rdf-tests in sparql/sparql11/",
)
SKOLEM_ROOT = "http://skolem.invalid/"
REFUSED = "LOAD is refused for every role"
EXPECTED_FAILURES = {
    "update-silent/load-silent": REFUSED,
    "update-silent/load-into-silent": REFUSED,
    **{f"syntax-update-1/test_{number}": REFUSED for number in (1, 2, 3, 4, 37, 41, 47, 49)},
}

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")


class Manifest:
    """One manifest, to be walked along."""

    def __init__(self, path):
        self.store = ox.Store()
        self.store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())

    def values(self, node, iri):
        matching = self.store.quads_for_pattern(node, ox.NamedNode(iri), None)
        return [quad.object for quad in matching]

    def value(self, node, iri):
        return next(iter(self.values(node, iri)), None)

    def members(self, iri):
        (head,) = [quad.object for quad in self.store.quads_for_pattern(None, ox.NamedNode(iri), None)]
        while (first := self.value(head, f"{RDF}first")) is not None:
            yield first
            head = self.value(head, f"{RDF}rest")


@dataclass(frozen=True)
class Case:
    """One test: its name, its kind, its request, and for evaluations the dataset before and after."""

    name: str
    kind: str
    request: Path
    before: tuple = ()
    after: tuple = ()


def path_of(node):
    return Path(node.value.removeprefix("file://"))


def dataset(manifest, node):
    """Return pairs of a file and the name of its graph."""
    files = [(path_of(file), None) for file in manifest.values(node, f"{UT}data")]
    for entry in manifest.values(node, f"{UT}graphData"):
        name = manifest.value(entry, RDFS_LABEL.value).value
        files.append((path_of(manifest.value(entry, f"{UT}graph")), ox.NamedNode(name)))
    return tuple(files)


def suite():
    root = (Path(SUITE) / "sparql" / "sparql11").resolve()
    for included in Manifest(root / "manifest-sparql11-update.ttl").members(f"{MF}include"):
        manifest = Manifest(path_of(included))
        for entry in manifest.members(f"{MF}entries"):
            name = f"{path_of(included).parent.name}/{entry.value.rpartition('#')[2]}"
            kind = manifest.value(entry, f"{RDF}type").value.removeprefix(MF)
            action = manifest.value(entry, f"{MF}action")
            if kind != "UpdateEvaluationTest":
                yield Case(name, kind, path_of(action))
                continue
            request = path_of(manifest.value(action, f"{UT}request"))
            after = manifest.value(entry, f"{MF}result")
            yield Case(name, kind, request, dataset(manifest, action), dataset(manifest, after))


def quads_of(files):
    for path, graph in files:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def updated(case, folder):
    """Return the quads before the update, without blank nodes as in any dataset of ours, and the patch."""
    before = set(skolemized(quads_of(case.before), f"{SKOLEM_ROOT}before-"))
    store = ox.Store(str(folder / "store"))
    store.extend(before)
    store.flush()
    store.backup(str(folder / "snapshot"))
    text = f"BASE <{case.request.as_uri()}>\n{case.request.read_text(encoding='utf-8')}"
    patch = read_update(
        text,
        snapshot=Snapshot(folder / "snapshot", 1),
        source=None,
        skolem_root=f"{SKOLEM_ROOT}after-",
        timeout=60,
        default_graph="writable",
    )
    return before, patch


def canonical(quads):
    """Return the quads with canonical blank nodes, those that became IRIs among them."""

    def unskolemized(term):
        if isinstance(term, ox.NamedNode) and term.value.startswith(SKOLEM_ROOT):
            return ox.BlankNode(term.value.removeprefix(SKOLEM_ROOT).replace("-", "x"))
        return term

    found = ox.Dataset(ox.Quad(*map(unskolemized, quad)) for quad in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def assert_passes(case, folder):
    if case.kind in {"NegativeUpdateSyntaxTest11", "NegativeSyntaxTest11"}:
        with pytest.raises(SyntaxFault):
            updated(case, folder)
        return
    before, patch = updated(case, folder)
    if case.kind == "UpdateEvaluationTest":
        after = (before - set(patch.removed)) | set(patch.added)
        assert canonical(after) == canonical(quads_of(case.after))


def cases():
    return [pytest.param(case, id=case.name) for case in suite()] if SUITE else []


@needs_suite
@pytest.mark.parametrize("case", cases())
def test_case(case, tmp_path):
    if case.name in EXPECTED_FAILURES:
        with pytest.raises(QueryRefused, match="LOAD"):
            assert_passes(case, tmp_path)
    else:
        assert_passes(case, tmp_path)


@needs_suite
def test_the_suite_is_whole():
    names = [case.name for case in suite()]
    assert len(names) > 140
    assert set(EXPECTED_FAILURES) <= set(names)
