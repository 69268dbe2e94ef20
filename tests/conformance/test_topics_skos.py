"""The topic scheme keeps the integrity conditions of SKOS and the rules of this house.

Each check takes a graph and returns its faults. It is run on the shipped scheme (no faults), on a small sound
scheme (no faults), and on that scheme with an addition that breaks the rule (faults).
S numbers are those of the SKOS Reference, https://www.w3.org/TR/skos-reference/.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations

import networkx as nx
import pytest
from rdflib import BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SKOS

from pactgraph.resources import shipped

SCHEME = URIRef("https://w3id.org/eukdp/topic")
KINDS = (SKOS.Concept, SKOS.ConceptScheme, SKOS.Collection)
LABELS = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
ENDS = {
    SKOS.inScheme: (None, SKOS.ConceptScheme),  # S4
    SKOS.topConceptOf: (SKOS.Concept, SKOS.ConceptScheme),  # S4 to S8
    SKOS.hasTopConcept: (SKOS.ConceptScheme, SKOS.Concept),  # S5, S6
    **dict.fromkeys((SKOS.broader, SKOS.narrower, SKOS.related), (SKOS.Concept, SKOS.Concept)),  # S19, S20
    **dict.fromkeys(MATCHES, (SKOS.Concept, None)),  # S19, S39
    SKOS.member: (SKOS.Collection, SKOS.Concept),  # S31, S32; collections are not nested here
}
INVERSES = (
    (SKOS.broader, SKOS.narrower),  # S25
    (SKOS.related, SKOS.related),  # S23
    (SKOS.topConceptOf, SKOS.hasTopConcept),  # S8
)


def concepts(graph: Graph) -> list[URIRef]:
    return sorted(graph.subjects(RDF.type, SKOS.Concept))


def hierarchy(graph: Graph) -> nx.DiGraph:
    """Return edges from narrower to broader, with what S25, S41 and S43 add."""
    up = [*graph.subject_objects(SKOS.broader), *graph.subject_objects(SKOS.broadMatch)]
    down = [*graph.subject_objects(SKOS.narrower), *graph.subject_objects(SKOS.narrowMatch)]
    return nx.DiGraph([*up, *((narrow, broad) for broad, narrow in down)])


# Integrity conditions of SKOS


def mixed_kinds(graph):
    """S9 and S37: a concept, a concept scheme and a collection are three different things."""
    pairs = permutations(KINDS, 2)
    return [
        f"{s} is a {a} and a {b}"
        for a, b in pairs
        for s in graph.subjects(RDF.type, a)
        if (s, RDF.type, b) in graph
    ]


def labels_of_two_kinds(graph):
    """S13: no literal is at once the preferred, alternative or hidden label of a thing."""
    pairs = permutations(LABELS, 2)
    return [f"{s}: {o} twice" for a, b in pairs for s, o in graph.subject_objects(a) if (s, b, o) in graph]


def second_preferred_labels(graph):
    """S14: at most one preferred label per language tag."""
    count = Counter((s, o.language) for s, o in graph.subject_objects(SKOS.prefLabel))
    return [f"{s}: {n} preferred labels @{language}" for (s, language), n in count.items() if n > 1]


def related_to_ancestors(graph):
    """S27, with the matches as S41 reads them: nothing is related to itself or to what is above it."""
    up = nx.transitive_closure(hierarchy(graph))
    pairs = [*graph.subject_objects(SKOS.related), *graph.subject_objects(SKOS.relatedMatch)]
    return [f"{a} related to {b}" for a, b in pairs if a == b or up.has_edge(a, b) or up.has_edge(b, a)]


def listed_but_not_members(graph):
    """S36: what stands in the list of an ordered collection is a member of it."""
    lists = [
        (s, item) for s, head in graph.subject_objects(SKOS.memberList) for item in Collection(graph, head)
    ]
    return [f"{s} lists {item}" for s, item in lists if (s, SKOS.member, item) not in graph]


def exact_and_other_matches(graph):
    """S46, in both directions (S43, S44): an exact match is no broad, narrow or related match."""
    others = (SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
    pairs = list(graph.subject_objects(SKOS.exactMatch))
    return [f"{a} {p} {b}" for a, b in pairs for p in others if (a, p, b) in graph or (b, p, a) in graph]


def wrong_ends(graph):
    """S4 to S6, S19, S20, S31, S32: a property joins the kinds of thing that it is made for."""
    wanted = [
        (end, kind, p)
        for p, kinds in ENDS.items()
        for pair in graph.subject_objects(p)
        for end, kind in zip(pair, kinds, strict=True)
        if kind
    ]
    return [f"{end} at {p} is no {kind}" for end, kind, p in wanted if (end, RDF.type, kind) not in graph]


def one_way_relations(graph):
    """S8, S23, S25 stated outright, so that a plain query finds a relation from either side."""
    both = [*INVERSES, *((b, a) for a, b in INVERSES)]
    return [
        f"{o} lacks {back} {s}"
        for p, back in both
        for s, o in graph.subject_objects(p)
        if (o, back, s) not in graph
    ]


# Rules of this house


def cycles(graph):
    """The hierarchy has no cycle (SKOS allows one)."""
    return [" → ".join(cycle) for cycle in nx.simple_cycles(hierarchy(graph))]


def shortcuts(graph):
    """No concept names as broader what its other broader concepts already lead to."""
    up = nx.DiGraph(list(graph.subject_objects(SKOS.broader)))
    if not nx.is_directed_acyclic_graph(up):
        return []  # said by `cycles`
    return [f"{a} skips to {b}" for a, b in up.edges - nx.transitive_reduction(up).edges]


def orphans(graph):
    """Every concept is either a top concept or below another one."""
    top = set(graph.objects(SCHEME, SKOS.hasTopConcept))
    return [c for c in concepts(graph) if (c in top) == bool(set(graph.objects(c, SKOS.broader)))]


def outside_the_scheme(graph):
    """Every concept is in the scheme, is defined by it, and has a slug under it."""
    slug = re.compile(re.escape(SCHEME) + r"/[a-z0-9]+(-[a-z0-9]+)*")
    owned = {c for c in graph.subjects(SKOS.inScheme, SCHEME) if (c, RDFS.isDefinedBy, SCHEME) in graph}
    return [c for c in concepts(graph) if c not in owned or not slug.fullmatch(c)]


def languages_missing(graph):
    """Concepts and collections have preferred labels in English and Korean, and in nothing else."""
    named = [*concepts(graph), *graph.subjects(RDF.type, SKOS.Collection)]
    spoken = {c: sorted(str(label.language) for label in graph.objects(c, SKOS.prefLabel)) for c in named}
    return [f"{c}: {tags}" for c, tags in spoken.items() if tags != ["en", "ko"]]


def foreign_labels(graph):
    """S12, and every label of any kind is in English or Korean."""
    labels = [(c, label) for c in concepts(graph) for p in LABELS for label in graph.objects(c, p)]
    return [f"{c}: {label}" for c, label in labels if getattr(label, "language", None) not in {"en", "ko"}]


def ambiguous_labels(graph):
    """No two concepts share a label in one language, upper or lower case."""
    spoken = {
        (c, label.casefold(), label.language)
        for c in concepts(graph)
        for p in LABELS
        for label in graph.objects(c, p)
    }
    count = Counter((label, language) for _, label, language in spoken)
    return [f"{label}@{language}" for (label, language), n in count.items() if n > 1]


def poor_definitions(graph):
    """One English sentence that does not repeat the label."""
    faults = []
    for concept in concepts(graph):
        texts = list(graph.objects(concept, SKOS.definition))
        labels = [str(o) for o in graph.objects(concept, SKOS.prefLabel) if o.language == "en"]
        sentence = len(texts) == 1 and re.fullmatch(r"[A-Z](?:[^.]|\.(?=\d))+\.", texts[0])
        if not sentence or texts[0].language != "en":
            faults.append(f"{concept}: not one sentence in English")
        elif any(re.search(rf"(?i)\b{re.escape(label)}\b", texts[0]) for label in labels):
            faults.append(f"{concept}: repeats its label")
    return faults


def blank_nodes(graph):
    """Everything has a name."""
    return [triple for triple in graph if any(isinstance(term, BNode) for term in triple)]


SOUND = f"""
@prefix skos: <{SKOS}> .
@prefix rdfs: <{RDFS}> .
@prefix : <{SCHEME}/> .
<{SCHEME}> a skos:ConceptScheme ; skos:hasTopConcept :chip .
<{SCHEME}/collection/c> a skos:Collection ; skos:prefLabel "stores"@en, "저장소"@ko ; skos:member :ram, :rom .
:chip a skos:Concept ; skos:inScheme <{SCHEME}> ; rdfs:isDefinedBy <{SCHEME}> ;
  skos:prefLabel "chip"@en, "칩"@ko ; skos:altLabel "die"@en ; skos:definition "Slice with a circuit."@en ;
  skos:topConceptOf <{SCHEME}> ; skos:narrower :ram, :rom .
:ram a skos:Concept ; skos:inScheme <{SCHEME}> ; rdfs:isDefinedBy <{SCHEME}> ;
  skos:prefLabel "RAM"@en, "램"@ko ; skos:definition "Store that forgets at 0.0 volt."@en ;
  skos:broader :chip ; skos:narrower :dram ; skos:related :rom .
:rom a skos:Concept ; skos:inScheme <{SCHEME}> ; rdfs:isDefinedBy <{SCHEME}> ;
  skos:prefLabel "ROM"@en, "롬"@ko ; skos:definition "Store that cannot be written."@en ;
  skos:broader :chip ; skos:related :ram .
:dram a skos:Concept ; skos:inScheme <{SCHEME}> ; rdfs:isDefinedBy <{SCHEME}> ;
  skos:prefLabel "DRAM"@en, "디램"@ko ; skos:definition "Store that is refreshed."@en ; skos:broader :ram .
"""

BREAKS = [
    (mixed_kinds, f"<{SCHEME}> a skos:Concept ."),
    (mixed_kinds, ":ram a skos:Collection ."),
    (mixed_kinds, f"<{SCHEME}> a skos:Collection ."),
    (labels_of_two_kinds, ':ram skos:altLabel "RAM"@en .'),
    (labels_of_two_kinds, ':chip skos:hiddenLabel "die"@en .'),
    (second_preferred_labels, ':ram skos:prefLabel "memory"@en .'),
    (related_to_ancestors, ":dram skos:related :chip ."),
    (related_to_ancestors, ":chip skos:related :dram ."),
    (related_to_ancestors, ":ram skos:related :ram ."),
    (related_to_ancestors, ":dram skos:relatedMatch <urn:x> . :chip skos:broadMatch <urn:x> ."),
    (listed_but_not_members, f"<{SCHEME}/collection/c> skos:memberList (:ram :dram) ."),
    (exact_and_other_matches, ":ram skos:exactMatch <urn:x> ; skos:broadMatch <urn:x> ."),
    (exact_and_other_matches, ":ram skos:exactMatch <urn:x> . <urn:x> skos:relatedMatch :ram ."),
    (wrong_ends, ":ram skos:inScheme :rom ."),
    (wrong_ends, ":ram skos:related <urn:x> ."),
    (wrong_ends, f"<{SCHEME}/collection/c> skos:member <urn:x> ."),
    (wrong_ends, ":ram skos:member :rom ."),
    (wrong_ends, "<urn:x> skos:exactMatch :ram ."),
    (one_way_relations, ":ram skos:narrower :rom ."),
    (one_way_relations, ":rom skos:related :dram ."),
    (one_way_relations, f":rom skos:topConceptOf <{SCHEME}> ."),
    (cycles, ":chip skos:broader :dram ."),
    (shortcuts, ":dram skos:broader :chip ."),
    (orphans, ":lost a skos:Concept ."),
    (orphans, f"<{SCHEME}> skos:hasTopConcept :ram ."),
    (outside_the_scheme, ":lost a skos:Concept ."),
    (
        outside_the_scheme,
        f":Bad_Slug a skos:Concept ; skos:inScheme <{SCHEME}> ; rdfs:isDefinedBy <{SCHEME}> .",
    ),
    (languages_missing, ':lost a skos:Concept ; skos:prefLabel "lost"@en .'),
    (languages_missing, ':ram skos:prefLabel "Speicher"@de .'),
    (languages_missing, f'<{SCHEME}/collection/d> a skos:Collection ; skos:prefLabel "d"@en .'),
    (foreign_labels, ':ram skos:altLabel "Speicher" .'),
    (foreign_labels, ':ram skos:hiddenLabel "Speicher"@de .'),
    (ambiguous_labels, ':ram skos:altLabel "Die"@en .'),
    (poor_definitions, ":lost a skos:Concept ."),
    (
        poor_definitions,
        ':lost a skos:Concept ; skos:prefLabel "lost"@en ; skos:definition "What is Lost."@en .',
    ),
    (poor_definitions, ':lost a skos:Concept ; skos:definition "One. Two."@en .'),
    (poor_definitions, ':lost a skos:Concept ; skos:definition "한 문장."@ko .'),
    (blank_nodes, "[] skos:related :ram ."),
]
CHECKS = list(dict.fromkeys(check for check, _ in BREAKS))


def scheme_with(addition: str = "") -> Graph:
    return Graph().parse(data=SOUND + addition, format="turtle")


@pytest.fixture(scope="module")
def topics() -> Graph:
    return Graph().parse(shipped("ontology") / "topics.ttl")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_shipped_topics_keep(check, topics):
    assert check(topics) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_sound_scheme_keeps(check):
    assert check(scheme_with()) == []


@pytest.mark.parametrize(("check", "addition"), BREAKS, ids=lambda part: getattr(part, "__name__", None))
def test_broken_scheme_is_caught(check, addition):
    assert check(scheme_with(addition)) != []
