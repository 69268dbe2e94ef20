"""SIB's SPARQL editor, without configuration: the queries that it sends, letter by letter, get what it needs.

The queries are those of sib-swiss/sparql-editor (sparql-editor and sparql-overview), as they were in 2025.
"""

import re

import pytest

EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query
WHERE {
  ?sq a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq"""
PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
      SELECT DISTINCT ?prefix ?namespace
      WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix}
      ORDER BY ?prefix"""
VOID = """PREFIX up: <http://purl.uniprot.org/core/>
      PREFIX void: <http://rdfs.org/ns/void#>
      PREFIX void-ext: <http://ldf.fi/void-ext#>
      SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype
      WHERE {
        {
          ?cp void:class ?subjectClass ;
              void:propertyPartition ?pp .
          ?pp void:property ?prop .
          OPTIONAL {
              {
                  ?pp  void:classPartition [ void:class ?objectClass ] .
              } UNION {
                  ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] .
              }
          }
        } UNION {
          ?ls void:subjectsTarget [ void:class ?subjectClass ] ;
              void:linkPredicate ?prop ;
              void:objectsTarget [ void:class ?objectClass ] .
        }
      }"""
OVERVIEW = """PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh:<http://www.w3.org/ns/shacl#>
PREFIX sd:<http://www.w3.org/ns/sparql-service-description#>
PREFIX void:<http://rdfs.org/ns/void#>
PREFIX void-ext:<http://ldf.fi/void-ext#>
SELECT DISTINCT ?graph ?graphLabel ?subjectClass ?prop ?objectClass ?objectDatatype
?triples ?subjectClassLabel ?objectClassLabel ?subjectClassComment ?objectClassComment ?propLabel ?propComment
WHERE {
      {
        OPTIONAL {
          ?graph sd:graph ?graphDesc .
          OPTIONAL { ?graph rdfs:label ?graphLabel }
          ?graphDesc void:classPartition ?cp .
        }
        ?cp void:class ?subjectClass ;
          void:propertyPartition ?pp .
        OPTIONAL { ?subjectClass rdfs:label ?subjectClassLabel }
        OPTIONAL { ?subjectClass rdfs:comment ?subjectClassComment }

        ?pp void:property ?prop .
        OPTIONAL { ?pp void:triples ?triples }
        OPTIONAL { ?prop rdfs:label ?propLabel }
        OPTIONAL { ?prop rdfs:comment ?propComment }
        OPTIONAL {
          {
            ?pp  void:classPartition [ void:class ?objectClass ] .
            OPTIONAL { ?objectClass rdfs:label ?objectClassLabel }
            OPTIONAL { ?objectClass rdfs:comment ?objectClassComment }
          } UNION {
            ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] .
          }
        }
      } UNION {
        ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
          void:linkPredicate ?prop ;
          void:objectsTarget [ void:class ?objectClass ] .
      }
} ORDER BY ?subjectClass ?objectClass ?objectDatatype ?graph ?triples"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
FORUM = "http://example.org/Forum"


@pytest.fixture
def rows(anyone):
    """Ask as the editor does: by GET, with a parameter that nobody here knows."""

    def ask(query, **parameters):
        answer = anyone.get(
            "/sparql",
            params={"ac": "1", "query": query, **parameters},
            headers={"Accept": "application/sparql-results+json"},
        )
        assert answer.status_code == 200, answer.text
        return [
            {name: term["value"] for name, term in row.items()}
            for row in answer.json()["results"]["bindings"]
        ]

    return ask


def test_examples_can_be_run_as_they_are(rows, anyone):
    found = rows(EXAMPLES)
    assert len(found) > 30
    assert all(
        row["comment"] and re.search(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", row["query"]) for row in found
    )
    answers = {anyone.get("/sparql", params={"query": row["query"]}).status_code for row in found[:5]}
    assert answers == {200}


def test_prefixes_are_those_of_the_graph(rows):
    found = {row["prefix"]: row["namespace"] for row in rows(PREFIXES)}
    assert found["pact"] == "https://w3id.org/eukdp/ontology#"
    assert {"prov", "skos", "event"} <= set(found)


@pytest.mark.parametrize("query", [VOID, OVERVIEW], ids=["editor", "overview"])
def test_classes_have_their_properties_and_what_these_lead_to(rows, query):
    found = [row for row in rows(query) if row["subjectClass"] == FORUM]
    properties = {row["prop"].rpartition("/")[2].rpartition("#")[2] for row in found}
    assert properties == {"type", "host", "name"}
    (name,) = [row for row in found if row["prop"] == "http://example.org/name"]
    assert name["objectDatatype"].endswith("#langString")
    assert query == VOID or (name["triples"], "graph" in name) == ("2", True)


def test_counts_are_right_and_stay_right(rows, writer):
    text = """PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?n { ?d a void:Dataset ; void:triples ?n }"""
    for name in ("one", "two"):
        turtle = f"<http://example.org/{name}> <http://example.org/name> 'it' ."
        parameters = {"source": "https://w3id.org/eukdp/source/paper"}
        sent = writer.post(
            "/changes", params=parameters, content=turtle, headers={"Content-Type": "text/turtle"}
        )
        assert sent.status_code == 201
        assert rows(text) == rows(COUNT)


def test_a_query_that_does_not_ask_for_it_does_not_see_it(rows):
    void = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX sh: <http://www.w3.org/ns/shacl#>\n"
    assert rows(void + COUNT) == rows(COUNT)
    graphs = {row["g"] for row in rows(void + "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert "https://w3id.org/eukdp/graph/description" not in graphs
    assert rows("SELECT * { GRAPH graph:description { ?s ?p ?o } }")
    named = {row["g"] for row in rows(void + "SELECT DISTINCT ?g { GRAPH ?g { ?d a void:Dataset } }")}
    assert named == {"https://w3id.org/eukdp/graph/description"}


def test_an_earlier_revision_is_not_described(rows):
    """It would cost as much as the newest, for each of them."""
    assert rows("PREFIX void: <http://rdfs.org/ns/void#> SELECT ?n { ?d void:triples ?n }", at="1") == []


def test_the_document_says_where_to_ask(anyone):
    turtle = anyone.get("/.well-known/void").text
    assert f"void:sparqlEndpoint <{str(anyone.base_url).rstrip('/')}/sparql>" in turtle
    assert "void:classPartition" in turtle
