"""Every constraint has a fail file that gives its one result and nothing else; the pass files give none."""

import pytest
from rdflib import SH, Graph, Literal, URIRef
from rdflib.namespace import RDFS

from tests.shapes.rules import (
    HERE,
    all_constraints,
    data_folders,
    data_validator,
    fail_files,
    found,
    in_context,
    name,
    ontology,
    read,
)

CONSTRAINTS = all_constraints()
FAIL = fail_files(data_folders())
PASS = sorted(file for folder in data_folders() for file in folder.glob("pass-*.ttl"))
SHAPES = data_validator().shapes


def languages(node: object, predicate: URIRef) -> set[str | None]:
    return {text.language for text in SHAPES.objects(node, predicate) if isinstance(text, Literal)}


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=name)
def test_the_fail_file_gives_its_one_result(constraint):
    file = FAIL.get(name(constraint))
    assert file is not None, f"no tests/shapes/*/fail-{name(constraint)}.ttl"
    graph = in_context(read(file))
    shape = str(constraint.shape).rpartition("#")[2]
    component = str(constraint.component).rpartition("#")[2]
    results = found(data_validator(), graph, with_info=constraint.severity == "Info")
    assert results == [(shape, component)]


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=name)
def test_the_message_is_there_in_both_languages(constraint):
    if constraint.parameter == "sparql":
        assert languages(constraint.value, SH.message) == {"en"}
        assert "ko" in languages(constraint.value, RDFS.comment)
    else:
        assert languages(constraint.shape, SH.message) == {"en", "ko"}


@pytest.mark.parametrize("constraint", [c for c in CONSTRAINTS if c.severity != "Violation"], ids=name)
def test_a_milder_severity_has_its_reason(constraint):
    reasons = [str(text) for text in SHAPES.objects(constraint.shape, RDFS.comment)]
    assert any(reason.startswith("Severity: ") for reason in reasons)


@pytest.mark.parametrize("file", PASS, ids=lambda file: file.stem)
def test_the_pass_file_gives_no_result(file):
    assert found(data_validator(), in_context(read(file))) == []


def test_the_pass_files_conform_together_beside_the_whole_ontology():
    assert found(data_validator(), read(*PASS) + ontology()) == []


def test_every_class_has_a_pass_file_and_every_fail_file_a_constraint():
    files = {file.stem for file in (HERE.parent.parent / "shapes").glob("*.ttl")}
    assert {folder.name for folder in data_folders()} == files
    assert {file.parent.name for file in PASS} == files
    assert set(FAIL) == {name(constraint) for constraint in CONSTRAINTS}


@pytest.mark.parametrize("file", sorted(FAIL.values()), ids=lambda file: file.stem)
def test_the_fail_file_says_what_is_wrong(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 10


def test_the_names_of_shapes_are_unique_and_no_constraint_is_doubled():
    names = [name(constraint) for constraint in CONSTRAINTS]
    assert len(names) == len(set(names))


def test_every_property_with_a_domain_is_checked_for_its_subject():
    """The subjects of a property are as the ontology's rdfs:domain says."""
    exempt = {"actionType"}  # calls and projects have one, whatever its domain says
    checked = {
        (target, value)
        for shape, value in SHAPES.subject_objects(SH["class"])
        for target in SHAPES.objects(shape, SH.targetSubjectsOf)
        if (shape, SH.path, None) not in SHAPES
    }
    demanded = {
        pair for pair in ontology().subject_objects(RDFS.domain) if str(pair[0]).rpartition("#")[2] not in exempt
    }
    assert checked == demanded
    assert isinstance(SHAPES, Graph)
