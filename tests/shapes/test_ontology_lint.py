"""The ontology keeps its own rules, and each of those rules can fail."""

import pytest

from tests.shapes.rules import HERE, fail_files, found, lint_constraints, lint_validator, name, ontology, read

CONSTRAINTS = lint_constraints()
FAIL = fail_files([HERE / "lint"])


def test_the_ontology_has_no_lint():
    assert found(lint_validator(), ontology()) == []


def test_the_small_ontology_has_no_lint():
    assert found(lint_validator(), read(HERE / "lint" / "pass-ontology.ttl")) == []


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=name)
def test_the_broken_ontology_gives_its_one_result(constraint):
    file = FAIL.get(name(constraint))
    assert file is not None, f"no tests/shapes/lint/fail-{name(constraint)}.ttl"
    shape = str(constraint.shape).rpartition("#")[2]
    assert found(lint_validator(), read(file)) == [(shape, "SPARQLConstraintComponent")]


def test_every_broken_ontology_belongs_to_a_rule():
    assert set(FAIL) == {name(constraint) for constraint in CONSTRAINTS}
