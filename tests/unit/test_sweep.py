import pytest
from rdflib.plugins.sparql import prepareQuery

from pactgraph.shapes.sweep import NotSweptError, relaxed


def patterns(body):
    text = body if body.startswith("SELECT") else f"SELECT $this WHERE {{ {body} }}"
    return relaxed(prepareQuery(f"PREFIX ex: <http://e/> {text}"))


def test_known_conditions_stay_and_unknown_ones_go():
    (kept,) = patterns("$this ex:p ?a , ?b . FILTER(STR(?a) < STR(?b) && ?a < ?b && REGEX(?a, 'x'))")
    assert kept.count("FILTER") == 1
    assert "STR(?a) < STR(?b)" in kept


def test_options_go_with_the_conditions_on_them():
    (kept,) = patterns("$this ex:p ?a OPTIONAL { ?a ex:q ?b } FILTER(!BOUND(?b))")
    assert "<http://e/q>" not in kept
    assert "FILTER" not in kept


def test_a_union_is_taken_apart():
    assert len(patterns("$this ex:p ?a . { ?a ex:q ?b } UNION { ?b ex:r ?a }")) == 2


def test_exists_is_kept_only_where_it_means_the_same():
    assert (
        "NOT EXISTS" in patterns("$this ex:p ?a FILTER NOT EXISTS { ?a ex:q ?b FILTER(LANG(?b) = 'ko') }")[0]
    )
    assert "EXISTS" not in patterns("$this ex:p ?a FILTER NOT EXISTS { ?a ex:q ?b FILTER(?b > 3) }")[0]
    outside = "$this ex:p ?a OPTIONAL { ?a ex:q ?b } FILTER NOT EXISTS { ?b ex:r ?c }"
    assert "EXISTS" not in patterns(outside)[0]


def test_groups_without_a_condition_on_their_aggregate_are_not_swept():
    with pytest.raises(NotSweptError):
        patterns("SELECT $this (COUNT(?a) AS ?value) WHERE { $this ex:p ?a } GROUP BY $this")
    having = "SELECT $this WHERE { $this ex:p ?a } GROUP BY $this HAVING (COUNT(?a) > 1)"
    assert "<http://e/p>" in patterns(having)[0]
