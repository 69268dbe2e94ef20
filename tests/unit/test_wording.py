"""Sentences for people who never heard of SHACL, and what to try instead."""

import pytest

from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.validator import Validator
from pactgraph.shapes.wording import _bindings
from pactgraph.terms import canonical

GOOD = 'e:x a e:Event ; rdfs:label "Fair"@en ; e:place e:seoul'
START = '; e:start "2024-05-02"^^xsd:date '


@pytest.fixture
def worded(shapes, world, parse):
    """Validate one event in the small world; return what is said about it."""

    def word(facts, shapes=shapes):
        graph = world + graph_of(canonical(parse(facts)))
        return [
            result for result in Validator(shapes).validate(graph).results if "Old" not in result.focus_label
        ]

    return word


@pytest.mark.parametrize(
    ("facts", "message", "suggestion"),
    [
        ("", "“Fair”, start date: When does the event begin? (Nothing is given.)", None),
        (
            '; e:start "2024"^^xsd:gYear , "2025"^^xsd:gYear ',
            "“Fair”, start date: When does the event begin? (2 are given: “2024”, “2025”; at most 1.)",
            None,
        ),
        (
            '; e:start "2024.5.2" ',
            "“Fair”, start date: When does the event begin? (“2024.5.2” is a text without a language; "
            "a day (2024-03-25) or a year (2024) is needed.)",
            'write "2024-05-02"^^xsd:date',
        ),
        (
            '; e:start "soon"^^xsd:gYear ',
            "“Fair”, start date: When does the event begin? (“soon” is not a valid gYear; "
            "a day (2024-03-25) or a year (2024) is needed.)",
            None,
        ),
        (
            START + '; e:end "2024-05-01"^^xsd:date ',
            "“Fair”: It ends (2024-05-01) before it begins (2024-05-02).",
            "if the two dates were swapped: start date 2024-05-01, end date 2024-05-02",
        ),
        (
            START + '; e:opens "2024-02-02"^^xsd:date ; e:closes "2024-01-01"^^xsd:date ',
            "“Fair”, opens on: It must open before it closes. "
            "(2024-02-02 is not before the closes on, “2024-01-01”.)",
            "if the two dates were swapped: opens on 2024-01-01, closes on 2024-02-02",
        ),
        (
            START + "; e:status e:hled ",
            "“Fair”, status: State the status. (“hled” is given; allowed are “cancelled”, “held”.)",
            "did you mean “held” <http://example.org/held>?",
        ),
        (
            START + "; e:chair e:jiwan ",
            "“Fair”, chair: The chair must be a person. "
            "(“jiwan” is not described in the graph; “person” is needed.)",
            "did you mean “Kim Ji-won” <http://example.org/jiwon>?",
        ),
        (
            START + "; e:chair e:summit ",
            "“Fair”, chair: The chair must be a person. (“Summit” is of the kind event; “person” is needed.)",
            "for example “Kim Ji-won” <http://example.org/jiwon>",
        ),
        (
            START + '; e:seats "1,200" ',
            "“Fair”, seats: How many seats? "
            "(“1,200” is a text without a language; a whole number (12) is needed.)",
            'write "1200"^^xsd:integer',
        ),
        (START + "; e:seats 0 ", "“Fair”, seats: How many seats? (0 is given; at least 1 is needed.)", None),
        (
            START + '; e:kind "fourm" ',
            "“Fair”, kind: Which kind? (“fourm” is given; allowed are “council”, “forum”.)",
            'did you mean "forum"?',
        ),
        (
            START + '; e:page "example.org" ',
            "“Fair”, page: Give the page. (“example.org” is a text without a language; an IRI is needed.)",
            None,
        ),
        (
            START + '; e:currency "EURO" ',
            "“Fair”, currency: Which currency? (“EURO” is given.)",
            "did you mean “EUR” <http://example.org/currency/EUR>?",
        ),
        (
            START + '; rdfs:label "Market"@en ',
            "“Fair”, label: Give one English name. (Given are “Fair”@en, “Market”@en.)",
            None,
        ),
    ],
)  # fmt: skip
def test_a_sentence_says_what_is_wrong_and_what_to_do(worded, facts, message, suggestion):
    said = {result.message: result.suggestion for result in worded(GOOD + facts + ".")}
    assert message in said
    assert said[message] == suggestion


@pytest.mark.parametrize(
    ("label", "suggestion"),
    [('"Fair"', 'add the language tag: "Fair"@en'), ('"박람회"', None), ('"Messe"@de', None)],
)
def test_a_missing_language_tag_is_suggested_where_the_script_fits(worded, label, suggestion):
    facts = f"e:x a e:Event ; rdfs:label {label} ; e:place e:seoul {START}."
    (result,) = worded(facts)
    assert result.constraint == "rules:Event-label/qualifiedMinCount"
    assert result.suggestion == suggestion


def test_a_thing_that_is_described_is_no_misspelling_of_another(worded):
    facts = f'{GOOD} {START}; e:chair e:y . e:y a e:Place ; skos:prefLabel "Kim Jiwon"@en .'
    (result,) = worded(facts)
    assert result.suggestion == "for example “Kim Ji-won” <http://example.org/jiwon>"


def test_korean_sentences_come_with_korean_names(worded):
    shape, query = worded(
        'e:x a e:Event ; rdfs:label "Fair"@en , "박람회"@ko ; e:place e:seoul .'
        f'e:y a e:Event ; rdfs:label "Y"@en ; e:place e:seoul {START}; e:end "2024-05-01"^^xsd:date .'
    )
    assert shape.message_ko == "“박람회”: 시작일을 적으십시오."
    assert query.message_ko == "“Y”: 끝(2024-05-01)이 시작(2024-05-02)보다 빠릅니다."


def test_iris_in_a_query_s_message_become_names(worded, parse):
    shapes = graph_of(
        parse("""
        s:A a sh:NodeShape ; sh:targetNode e:x ; sh:sparql [ sh:message "{?p} is not {?q}."@en ;
          sh:select "SELECT * WHERE { $this <http://example.org/p> ?p ; <http://example.org/q> ?q }" ] .
    """)
    )
    (result,) = worded("e:x e:p e:jiwon ; e:q <http://example.org/nowhere> .", shapes)
    assert result.message == "“x”: “Kim Ji-won” is not http://example.org/nowhere."


def test_a_shape_without_a_message_speaks_in_our_words(worded, parse):
    shapes = graph_of(
        parse("s:A a sh:NodeShape ; sh:targetNode e:x ; sh:property [ sh:path e:homePage ; sh:minCount 1 ].")
    )
    (result,) = worded("e:x a e:Event .", shapes)
    assert result.message == "“x”, home page: Nothing is given."


def test_a_shape_s_own_name_stands_for_its_path(worded, parse):
    shapes = graph_of(
        parse('s:A sh:targetNode e:x ; sh:property [ sh:path e:p ; sh:name "web site"@en ; sh:minCount 1 ].')
    )
    (result,) = worded("e:x a e:Event .", shapes)
    assert result.path_label == "web site"


@pytest.mark.parametrize(
    ("shape", "facts", "message"),
    [
        ("sh:property [ sh:path e:p ; sh:hasValue e:held ]", "e:x e:p 1 .", "“x”, p: “held” is missing."),
        ("sh:property [ sh:path e:p ; sh:disjoint e:q ]", "e:x e:p 1 ; e:q 1 .",
         "“x”, p: 1 is also the q, “1”."),
        ("sh:property [ sh:path e:p ; sh:languageIn ('en' 'ko') ]", "e:x e:p 'x'@de .",
         "“x”, p: “x” is a text in “de”; a text in “en” or “ko” is needed."),
        ("sh:property [ sh:path e:p ; sh:minLength 3 ]", "e:x e:p 'x' .",
         "“x”, p: “x” is given; a length of at least 3 is needed."),
        ("sh:closed true", "e:x e:p 1 .", "“x”, p: The property “p” is not foreseen here."),
        ("sh:property [ sh:path [ sh:inversePath e:p ] ; sh:minCount 2 ]", "e:y e:p e:x .",
         "“x”, ^p: 1 given, 2 needed."),
        ("sh:not [ sh:class e:Event ]", "e:x a e:Event .", "“x”: This does not conform."),
    ],
)  # fmt: skip
def test_other_components_have_their_words(worded, parse, shape, facts, message):
    shapes = graph_of(parse(f"s:A a sh:NodeShape ; sh:targetNode e:x ; {shape} ."))
    assert [result.message for result in worded(facts, shapes)] == [message]


def test_values_are_read_back_from_a_message():
    assert _bindings("{?p} did ({$d})", "a b did (2024)") == {"p": "a b", "d": "2024"}
    assert _bindings("{?p} did", "something else") is None


def test_unnamed_nodes_are_called_by_their_kind(worded, parse):
    (result,) = worded(
        f'[] a e:Event ; rdfs:label "Y"@en ; e:place [ a e:Place ] {START}; e:chair [ a e:Event ] .'
    )[:1]
    assert "“unnamed event” is of the kind event" in result.message
