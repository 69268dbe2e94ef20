"""Every constraint has a fail file that gives its one result and nothing else; the pass files give none."""

from rdflib import SH, Literal
from rdflib.namespace import RDFS

from pactgraph.resources import shipped_files
from pactgraph.shapes.catalogue import constraints


def local(term):
    return str(term).rpartition("#")[2]


def languages(shapes, node, predicate):
    return {text.language for text in shapes.objects(node, predicate) if isinstance(text, Literal)}


def test_the_fail_file_gives_its_one_result(
    constraint, fail_files, constraint_name, read_in_context, results
):
    file = fail_files.get(constraint_name(constraint))
    assert file is not None, f"no tests/shapes/*/fail-{constraint_name(constraint)}.ttl"
    found = results(read_in_context(file), with_info=constraint.severity == "Info")
    assert found == [(local(constraint.shape), local(constraint.component))]


def test_the_message_is_there_in_both_languages(constraint, shapes):
    # Of several messages on a SPARQL constraint pySHACL reports one, of any language.
    if constraint.parameter == "sparql":
        assert languages(shapes, constraint.value, SH.message) == {"en"}
        assert languages(shapes, constraint.value, RDFS.comment) == {"ko"}
    else:
        assert languages(shapes, constraint.shape, SH.message) == {"en", "ko"}


def test_a_milder_severity_has_its_reason(shapes):
    mild = [constraint for constraint in constraints(shapes) if constraint.severity != "Violation"]
    assert mild
    for constraint in mild:
        reasons = [str(text) for text in shapes.objects(constraint.shape, RDFS.comment)]
        assert any(reason.startswith("Severity: ") for reason in reasons), constraint.id


def test_the_pass_file_gives_no_result(pass_file, read_in_context, results):
    assert results(read_in_context(pass_file)) == []


def test_the_pass_files_conform_together_beside_the_whole_ontology(class_folders, read, ontology, results):
    files = [file for folder in class_folders for file in folder.glob("pass-*.ttl")]
    assert results(read(*files) + ontology) == []


def test_the_fail_file_says_first_what_is_wrong(fail_file):
    first = fail_file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


def test_every_shapes_file_has_its_folder_with_a_pass_file(class_folders):
    files = {file.stem for file in shipped_files("shapes", ".ttl")}
    assert {folder.name for folder in class_folders} == files
    assert {folder.name for folder in class_folders if list(folder.glob("pass-*.ttl"))} == files


def test_every_fail_file_belongs_to_a_constraint(shapes, fail_files, constraint_name):
    names = [constraint_name(constraint) for constraint in constraints(shapes)]
    assert len(names) == len(set(names))
    assert set(fail_files) == set(names)


def test_every_property_with_a_domain_is_checked_for_its_subject(shapes, ontology):
    checked = {
        (target, kind)
        for shape, kind in shapes.subject_objects(SH["class"])
        if (shape, SH.path, None) not in shapes
        for target in shapes.objects(shape, SH.targetSubjectsOf)
    }
    assert checked == set(ontology.subject_objects(RDFS.domain))
