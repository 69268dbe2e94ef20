"""The three forms of a report."""

import json

import pyoxigraph as ox
from rdflib import RDF, SH, Literal, URIRef

from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.validator import Validator

FACTS = """
e:x a e:Event ; rdfs:label "Fair"@en ; e:start "2024"^^xsd:gYear ; e:chair e:nobody .
e:y a e:Event ; rdfs:label "Market"@en ; e:start "2024"^^xsd:gYear .
e:z a e:Event ; rdfs:label "Zoo"@en ; e:start "2024"^^xsd:gYear ; e:seats 0 , "many"@en .
e:w a e:Event ; rdfs:label "West"@en ; e:start "2024"^^xsd:gYear .
"""


def report_on(shapes, parse, facts=FACTS):
    return Validator(shapes).validate(graph_of(parse(facts)))


def test_json_has_terms_labels_and_words(shapes, parse):
    document = json.loads(report_on(shapes, parse).to_json())
    assert document["conforms"] is False
    assert document["counts"] == {"Violation": 4, "Warning": 4, "Info": 0}
    assert document["results"][0] == {
        "severity": "Violation",
        "code": "ClassConstraintComponent",
        "focus": {"type": "uri", "value": "http://example.org/x", "label": "Fair"},
        "path": {"type": "uri", "value": "http://example.org/chair", "label": "chair"},
        "value": {"type": "uri", "value": "http://example.org/nobody", "label": "nobody"},
        "shape": "rules:Event-chair",
        "constraint": "rules:Event-chair/class",
        "component": "http://www.w3.org/ns/shacl#ClassConstraintComponent",
        "message": "“Fair”, chair: The chair must be a person. "
        "(“nobody” is not described in the graph; “Person” is needed.)",
        "message_ko": None,
        "suggestion": None,
    }
    values = [result["value"] for result in document["results"][1:4]]
    assert {"type": "literal", "value": "many", "xml:lang": "en"} in values
    assert {"type": "literal", "value": "0", "datatype": "http://www.w3.org/2001/XMLSchema#integer"} in values


def test_violations_come_first_and_then_names_in_order(shapes, parse):
    results = report_on(shapes, parse).results
    assert [result.severity for result in results] == ["Violation"] * 4 + ["Warning"] * 4
    assert [result.focus_label for result in results[4:]] == ["Fair", "Market", "West", "Zoo"]


def test_turtle_is_the_standard_report(shapes, parse):
    turtle = report_on(shapes, parse).to_turtle()
    graph = graph_of(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(report, SH.conforms) == Literal(False)
    assert len(list(graph.objects(report, SH.result))) == 8
    assert (None, SH.focusNode, URIRef("http://example.org/x")) in graph
    assert "@prefix rules:" in turtle or "rules:" not in turtle


def test_text_begins_with_the_verdict_and_names_the_rule(shapes, parse):
    text = report_on(shapes, parse).to_text()
    assert text.startswith("Does not conform: 4 violations, 4 warnings.\n\nViolation: “Fair”, chair: ")
    assert "At: <http://example.org/x>   Rule: rules:Event-chair/class" in text


def test_grouped_text_counts_the_warnings_of_a_rule_and_shows_a_few(shapes, parse):
    text = report_on(shapes, parse).to_text(grouped=True)
    assert "Warning, 4 times: rules:Event-place/minCount\n  “Fair”, place: " in text
    assert "  … and 1 more" in text
    assert "“Zoo”, place" not in text


def test_nothing_to_remark_is_said(shapes, parse):
    assert report_on(shapes, parse, "e:a e:b e:c .").to_text() == "Conforms: nothing to remark."
