"""The list of constraints: one entry per demand, with an id that stays."""

from rdflib import SH, URIRef

from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.catalogue import constraints, unkept_datatypes
from pactgraph.shapes.crossing import graph_of

HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix s: <http://example.org/shapes#> .
@prefix e: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<http://example.org/shapes> sh:declare
  [ sh:prefix "rules" ; sh:namespace "http://example.org/shapes#"^^xsd:anyURI ] ,
  [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""


def listed(turtle):
    return constraints(graph_of(read_quads((HEAD + turtle).encode(), format="ttl", trusted=True)))


def ids(turtle):
    return [constraint.id for constraint in listed(turtle)]


def test_named_and_anonymous_property_shapes_are_listed_by_path():
    assert ids("""
        s:Event a sh:NodeShape ; sh:targetClass e:Event ; sh:property s:Start ,
          [ sh:path e:place ; sh:minCount 1 ; sh:maxCount 2 ] ,
          [ sh:path [ sh:inversePath e:partOf ] ; sh:class e:Session ] ,
          [ sh:path ( e:a e:b ) ; sh:minCount 1 ] ,
          [ sh:path [ sh:alternativePath ( e:a [ sh:zeroOrMorePath e:b ] ) ] ; sh:minCount 1 ] .
        s:Start a sh:PropertyShape ; sh:path e:start ; sh:datatype xsd:date .
    """) == [
        "rules:Event-^partOf/class",
        "rules:Event-a/b/minCount",
        "rules:Event-a|b*/minCount",
        "rules:Event-place/maxCount",
        "rules:Event-place/minCount",
        "rules:Start/datatype",
    ]


def test_anonymous_shapes_inside_a_constraint_are_not_listed():
    assert ids("""
        s:A a sh:NodeShape ; sh:targetClass e:A ;
          sh:or ( [ sh:property [ sh:path e:a ; sh:minCount 1 ] ] [ sh:class e:B ] ) ;
          sh:not [ sh:class e:C ] ;
          sh:property [ sh:path e:a ; sh:qualifiedValueShape [ sh:class e:B ] ; sh:qualifiedMinCount 1 ;
            sh:qualifiedMaxCount 2 ; sh:node [ sh:property [ sh:path e:b ; sh:hasValue 1 ] ] ] .
    """) == [
        "rules:A-a/node",
        "rules:A-a/qualifiedMaxCount",
        "rules:A-a/qualifiedMinCount",
        "rules:A/not",
        "rules:A/or",
    ]


def test_each_query_is_one_constraint_and_a_shared_one_carries_its_name():
    found = listed("""
        s:A a sh:NodeShape ; sh:targetNode e:x ; sh:sparql s:Order ,
          [ sh:message "Second"@en ; sh:select "…" ] , [ sh:message "First"@en , "첫째"@ko ; sh:select "…" ] .
        s:Order a sh:SPARQLConstraint ; sh:message "In order."@en ; sh:select "…" .
    """)
    assert [(constraint.id, constraint.message) for constraint in found] == [
        ("rules:A/sparql", "First"),
        ("rules:A/sparql-2", "Second"),
        ("rules:A/sparql-Order", "In order."),
    ]
    assert found[2].source == URIRef("http://example.org/shapes#Order")


def test_switched_off_shapes_queries_and_parameters_demand_nothing():
    assert ids("""
        s:A a sh:NodeShape ; sh:deactivated true ; sh:class e:A .
        s:B a sh:NodeShape ; sh:closed false ; sh:sparql [ sh:deactivated true ; sh:select "…" ] ;
          sh:property [ sh:path e:a ; sh:uniqueLang false ] .
        s:C a sh:NodeShape ; sh:closed true ; sh:ignoredProperties ( e:a ) .
    """) == ["rules:C/closed"]


def test_several_values_of_one_parameter_are_several_constraints():
    found = listed("s:A a sh:PropertyShape ; sh:path e:a ; sh:severity sh:Warning ; sh:class e:B , e:C .")
    assert [(constraint.id, constraint.severity) for constraint in found] == [
        ("rules:A/class", "Warning"),
        ("rules:A/class-2", "Warning"),
    ]
    assert {constraint.component for constraint in found} == {SH.ClassConstraintComponent}


def test_a_component_of_the_shapes_graph_itself_is_listed():
    found = listed("""
        e:Even a sh:ConstraintComponent ;
          sh:parameter [ sh:path e:divisor ] , [ sh:path e:alias ; sh:optional true ] .
        s:A a sh:PropertyShape ; sh:path e:a ; e:divisor 2 ; e:alias 1 .
    """)
    assert [(constraint.id, str(constraint.component)) for constraint in found] == [
        ("rules:A/divisor", "http://example.org/Even")
    ]


def test_a_shape_without_a_declared_prefix_keeps_its_iri():
    assert ids("<urn:x:Shape> a sh:NodeShape ; sh:class e:A .") == ["<urn:x:Shape>/class"]


def test_datatypes_that_the_store_turns_into_others_are_found():
    found = graph_of(read_quads((HEAD + """
        s:A a sh:PropertyShape ; sh:path e:a ; sh:datatype xsd:positiveInteger .
        s:B a sh:PropertyShape ; sh:path e:a ; sh:datatype xsd:dateTimeStamp .
        s:C a sh:PropertyShape ; sh:path e:a ; sh:datatype xsd:integer .
        s:D a sh:PropertyShape ; sh:path e:a ; sh:datatype xsd:gYear .
    """).encode(), format="ttl", trusted=True))  # fmt: skip
    assert [constraint.id for constraint in unkept_datatypes(found)] == [
        "rules:A/datatype",
        "rules:B/datatype",
    ]
