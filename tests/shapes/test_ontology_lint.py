"""The ontology keeps its own rules, and each of those rules can fail."""

from pathlib import Path

from rdflib.namespace import RDFS

from pactgraph.resources import shipped, shipped_files
from pactgraph.shapes.catalogue import constraints, load_shapes

HERE = Path(__file__).parent


def test_the_ontology_has_no_lint(ontology, lint_results):
    assert lint_results(ontology) == []


def test_a_sound_small_ontology_has_no_lint(read, lint_results):
    assert lint_results(read(HERE / "lint" / "pass-ontology.ttl")) == []


def test_the_broken_ontology_gives_its_one_result(lint_rule, lint_files, constraint_name, read, lint_results):
    file = lint_files.get(constraint_name(lint_rule))
    assert file is not None, f"no tests/shapes/lint/fail-{constraint_name(lint_rule)}.ttl"
    shape = str(lint_rule.shape).rpartition("#")[2]
    assert lint_results(read(file)) == [(shape, "SPARQLConstraintComponent")]


def test_every_lint_rule_has_its_message(lint_rule):
    assert lint_rule.message


def test_every_broken_ontology_belongs_to_a_rule(lint_files, constraint_name):
    lint = load_shapes([shipped("shapes") / "lint" / "ontology.ttl", shipped("ontology") / "prefixes.ttl"])
    rules = constraints(lint)
    assert set(lint_files) == {constraint_name(rule) for rule in rules}
    for rule in rules:
        assert "ko" in {text.language for text in lint.objects(rule.value, RDFS.comment)}


def test_the_lint_is_not_loaded_with_the_data_shapes():
    assert "lint" not in {file.parent.name for file in shipped_files("shapes", ".ttl")}
