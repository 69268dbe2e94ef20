"""The topic scheme covers what the partnership and its sources name, and matches only what a row shows."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import SKOS

from pactgraph.resources import shipped

SCHEME = "https://w3id.org/eukdp/topic"
EUROVOC = "http://eurovoc.europa.eu/"
WIKIDATA = "http://www.wikidata.org/entity/"
THEMES = (
    "semiconductor-materials",
    "neuromorphic-computing",
    "advanced-chips",
    "chip-packaging",
)  # E31 to E34

# The wording of the Korean science ministry; each row of the dossier names one area.
AREAS = {
    "A08": ("collaborative-research", "Collaborative research"),
    "A09": ("semiconductors", "Semiconductors"),
    "A10": ("hpc-and-quantum", "High-performance computing (HPC) and quantum technologies"),
    "A11": ("cybersecurity-and-trust", "Cybersecurity and trust"),
    "A12": ("beyond-5g-6g", "Beyond 5G / 6G"),
    "A13": ("skills-mobility-inclusion", "Skills, mobility and digital inclusion"),
    "A14": ("artificial-intelligence", "Artificial intelligence"),
    "A15": ("platform-cooperation", "Online and digital platform cooperation"),
    "A16": ("data-laws", "Data-related laws and systems"),
    "A17": ("digital-identity", "Digital identity and trust services"),
    "A18": ("digital-trade", "Digital trade"),
}
ADDED_LATER = {"A19": ("secure-network-connectivity", "Secure network connectivity")}

# Every match of the scheme, with the row of the dossier that shows the identifier.
MATCHES = [
    ("T01", "semiconductors", SKOS.closeMatch, EUROVOC + "50"),
    ("T02", "semiconductors", SKOS.broadMatch, EUROVOC + "1400"),
    ("T03", "semiconductors", SKOS.broadMatch, EUROVOC + "709"),
    ("T04", "semiconductors", SKOS.relatedMatch, EUROVOC + "3876"),
    ("T05", "artificial-intelligence", SKOS.exactMatch, EUROVOC + "3030"),
    ("T06", "neuromorphic-computing", SKOS.relatedMatch, EUROVOC + "c_65b9cd79"),
    ("T06", "artificial-neural-networks", SKOS.exactMatch, EUROVOC + "c_65b9cd79"),
    ("T07", "photonics", SKOS.exactMatch, EUROVOC + "c_590e8349"),
    ("T08", "quantum-technologies", SKOS.exactMatch, EUROVOC + "c_8c5cfba6"),
    ("T09", "cybersecurity", SKOS.closeMatch, EUROVOC + "c_04ae3ba8"),
    ("T10", "two-dimensional-materials", SKOS.relatedMatch, EUROVOC + "7931"),
    ("T11", "semiconductor-materials", SKOS.relatedMatch, EUROVOC + "4418"),
    ("T12", "beyond-5g-6g", SKOS.broadMatch, EUROVOC + "4424"),
    ("T12", "secure-network-connectivity", SKOS.broadMatch, EUROVOC + "4424"),
    ("T14", "digital-trade", SKOS.relatedMatch, EUROVOC + "c_8bf65f26"),
    ("T15", "collaborative-research", SKOS.broadMatch, EUROVOC + "5237"),
    ("T17", "collaborative-research", SKOS.closeMatch, EUROVOC + "223"),
    ("T27", "neuromorphic-computing", SKOS.relatedMatch, WIKIDATA + "Q56270917"),
]

# What the sources name, in their words: projects (J), forum (E), calls and groupings (T).
NAMED = """
materials for logic and memory; heterogeneous integration and packaging; smart sensors; power
semiconductors; photonics; compound semiconductors; 2D materials; ferroelectric oxides; hafnia; HZO;
advanced logic and memories; edge AI; memristive devices; ferroelectric devices; floating-gate devices;
crossbar arrays; compute-in-memory; wafer-scale 2D growth; chiplet-based multi-core in-memory computing;
photonic neuromorphic computing; neuromorphic accelerators; LiDAR; gate-all-around transistors; embedded
phase-change memory; silicon photonics; solid-state LiDAR; InP; Si3N4; SiGe; MEMS; chiplets; photonic
chiplets; multi-chiplet bonding; micro-transfer printing; monolithic back-end integration; 3D stacking;
coherent optical crossbars; transfer learning; vision transformers; ferroelectric tunnel junctions;
FeRAM; AI accelerators; AI semiconductors; AI-native radio access networks; device-network integration;
advanced packaging; semiconductor supply chain; front-end manufacturing; back-end manufacturing; chip
security standardisation; low-TRL research; 5G; 6G; AI laws; data spaces; quantum technologies;
high-performance computing; cloud computing; internet of things; talent exchange; chips acts
"""
TERMS = [" ".join(term.split()) for term in NAMED.split(";")]


def below(graph, slugs):
    """Return the concepts under these, found with plain SPARQL."""
    values = " ".join(f"<{SCHEME}/{slug}>" for slug in slugs)
    query = f"SELECT DISTINCT ?c {{ VALUES ?top {{ {values} }} ?c skos:broader+ ?top }}"
    return {row.c for row in graph.query(query, initNs={"skos": SKOS})}


def wrong_matches(graph, allowed):
    """Name each match that no row shows, and each row that has lost its match."""
    wanted = {(URIRef(f"{SCHEME}/{slug}"), p, URIRef(target)) for _, slug, p, target in allowed}
    kinds = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch", "mappingRelation")
    found = {triple for kind in kinds for triple in graph.triples((None, SKOS[kind], None))}
    return sorted(wanted ^ found)


def wrong_members(graph, collection, slugs):
    """Name each concept that is missing from a collection, or in it without a reason."""
    wanted = {URIRef(f"{SCHEME}/{slug}") for slug in slugs}
    return sorted(wanted ^ set(graph.objects(URIRef(f"{SCHEME}/collection/{collection}"), SKOS.member)))


def wrong_top_concepts(graph, slugs):
    """Name each concept that is missing at the top, or there without a reason."""
    wanted = {URIRef(f"{SCHEME}/{slug}") for slug in slugs}
    return sorted(wanted ^ set(graph.subjects(SKOS.topConceptOf, URIRef(SCHEME))))


def wrong_wording(graph, areas):
    """Name each area whose English label is not the wording of the source."""
    labels = {
        slug: {str(o) for o in graph.objects(URIRef(f"{SCHEME}/{slug}"), SKOS.prefLabel)} for slug, _ in areas
    }
    return [slug for slug, label in areas if label not in labels[slug]]


def terms_without_concept(graph, terms):
    """Name each term that is no English label of any concept."""
    labels = [o for p in (SKOS.prefLabel, SKOS.altLabel) for o in graph.objects(None, p)]
    known = {label.casefold() for label in labels if label.language == "en"}
    return [term for term in terms if term.casefold() not in known]


def split_blocks(text):
    """Name each topic that is described in more than one place of the file."""
    subjects = [line.split()[0] for line in text.splitlines() if line.startswith(("topic:", "<"))]
    return sorted({subject for subject in subjects if subjects.count(subject) > 1})


@pytest.fixture(scope="module")
def topics() -> Graph:
    return Graph().parse(shipped("ontology") / "topics.ttl")


@pytest.fixture
def stray() -> Graph:
    """Return a scheme that gets everything wrong."""
    return Graph().parse(
        format="turtle",
        data=f"""@prefix skos: <{SKOS}> . @prefix : <{SCHEME}/> .
        :semiconductors skos:prefLabel "Chips"@en ; skos:exactMatch <{EUROVOC}1> .
        :gan skos:broader :semiconductor-materials .
        <{SCHEME}/collection/forum-themes> skos:member :gan .""",
    )


def test_at_least_sixty_concepts_lie_under_the_four_themes(topics, stray):
    assert len(below(topics, THEMES)) >= 60
    assert len(below(stray, THEMES)) == 1


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_lies_under_semiconductors_and_has_concepts(theme, topics):
    assert URIRef(f"{SCHEME}/{theme}") in below(topics, ["semiconductors"])
    assert len(below(topics, [theme])) >= 10


def test_matches_are_those_that_a_source_row_shows(topics, stray):
    assert wrong_matches(topics, MATCHES) == []
    assert len(wrong_matches(stray, MATCHES)) == len(MATCHES) + 1


def test_areas_and_themes_are_collected(topics, stray):
    assert wrong_members(topics, "cooperation-areas", [slug for slug, _ in AREAS.values()]) == []
    assert wrong_members(topics, "forum-themes", THEMES) == []
    assert len(wrong_members(stray, "forum-themes", THEMES)) == len(THEMES) + 1


def test_areas_are_the_top_concepts(topics, stray):
    slugs = [slug for slug, _ in (AREAS | ADDED_LATER).values()]
    assert wrong_top_concepts(topics, slugs) == []
    assert len(wrong_top_concepts(stray, slugs)) == len(slugs)


def test_areas_keep_the_wording_of_their_source(topics, stray):
    areas = [*AREAS.values(), *ADDED_LATER.values()]
    assert wrong_wording(topics, areas) == []
    assert wrong_wording(stray, [("semiconductors", "Semiconductors")]) == ["semiconductors"]


def test_every_term_of_the_sources_finds_a_concept(topics, stray):
    assert terms_without_concept(topics, TERMS) == []
    assert terms_without_concept(stray, ["Chips", "LiDAR"]) == ["LiDAR"]


def test_file_has_one_block_for_each_topic():
    text = (shipped("ontology") / "topics.ttl").read_text(encoding="utf-8")
    assert split_blocks(text) == []
    assert split_blocks("topic:a a skos:Concept .\ntopic:a skos:broader topic:b .\n") == ["topic:a"]
