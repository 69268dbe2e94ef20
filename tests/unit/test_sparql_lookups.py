import pytest
from rdflib import RDF, Namespace
from rdflib.plugins.sparql import prepareQuery

from pactgraph.shapes.lookups import Lookup, Trigger
from pactgraph.shapes.paths import HERE, sparql_text
from pactgraph.shapes.sparql_lookups import is_unsteady, query_reads

EX = Namespace("http://e/")


def reads(body):
    text = body if body.startswith("SELECT") else f"SELECT $this WHERE {{ {body} }}"
    return query_reads(EX.S, prepareQuery(f"PREFIX ex: <{EX}> {text}"))


def ways(body):
    """Return each look-up as the path to it and its step, in SPARQL without the prefix."""
    found = {
        ("" if read.prefix == HERE else sparql_text(read.prefix), sparql_text(read.step))
        for read in reads(body)
        if isinstance(read, Lookup)
    }
    return {tuple(part.replace(f"<{EX}", "").replace(">", "") for part in way) for way in found}


def triggers(body):
    return [read for read in reads(body) if isinstance(read, Trigger)]


def test_patterns_are_tied_to_this():
    assert ways("$this ex:p ?x . ?x ex:q ?y") == {("", "p"), ("p", "q")}
    assert ways("$this ex:p ?v . ?other ex:p ?v") == {("", "p"), ("p", "^p")}
    assert not triggers("$this ex:p ?x . ?x ex:q ?y")


def test_the_end_of_a_pattern_is_kept():
    (_, typed) = sorted(reads("$this ex:p ?x . ?x a ex:C"), key=lambda read: read.step.predicate == RDF.type)
    assert typed.end == EX.C


def test_an_untied_pattern_is_a_trigger():
    assert triggers("$this ex:p ?x . ?u ex:q ex:n") == [Trigger(EX.S, EX.q, None, EX.n)]


def test_exists_shares_what_is_sure_to_be_bound():
    assert ways("$this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y FILTER NOT EXISTS { ?y ex:r ?z } }") == {
        ("", "p"),
        ("p", "q"),
        ("(p/q)", "r"),
    }


def test_what_only_an_option_binds_is_not_shared():
    assert triggers("OPTIONAL { $this ex:p ?x } OPTIONAL { ?x ex:q ?y }") == [Trigger(EX.S, EX.q)]
    assert triggers("$this ex:p ?x . { ?y ex:q ?z FILTER EXISTS { ?x ex:r ?w } }")[-1] == Trigger(EX.S, EX.r)


def test_both_branches_of_a_union_tie():
    assert ("(p|^q)", "r") in ways("{ $this ex:p ?x } UNION { ?x ex:q $this } ?x ex:r ?y")
    assert triggers("{ $this ex:p ?x } UNION { ?u ex:q $this } ?x ex:r ?y") == [Trigger(EX.S, EX.r)]


def test_a_subselect_shares_what_it_returns():
    inner = "{ SELECT $this ?x WHERE { $this ex:p ?x . ?x ex:q ?v } GROUP BY $this ?x }"
    assert not triggers(f"$this ex:p ?x . {inner}")


@pytest.mark.parametrize("ending", ["LIMIT 1", "OFFSET 1"])
def test_what_is_not_analysed_is_opaque_down_to_its_exists(ending):
    query = "SELECT $this WHERE { $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y } } " + ending
    assert {read.predicate for read in triggers(query)} == {EX.p, EX.q}
    assert not ways(query)


def test_foreign_functions_and_negated_properties_are_opaque():
    assert triggers("$this ex:p ?x FILTER(ex:f(?x))") == [Trigger(EX.S, EX.p)]
    assert triggers("$this !ex:p ?x") == [Trigger(EX.S)]


def test_an_untied_path_that_may_be_empty_depends_on_every_node():
    assert Trigger(EX.S) in triggers("$this ex:p ?x . ?u ex:q* ?w")


def test_chance_is_noticed():
    assert is_unsteady(prepareQuery("SELECT $this WHERE { $this ?p ?o FILTER(RAND() > 0.5) }"))
    assert not is_unsteady(prepareQuery("SELECT $this WHERE { $this ?p ?o FILTER(NOW() > ?o) }"))
