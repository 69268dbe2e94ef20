"""``add``, ``log``, ``show``, ``diff``, ``revert``, ``why`` and ``--at``, as people run them."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import RdfFormat, parse

PAPER = "https://w3id.org/eukdp/source/paper"
FAIR = 'event:fair a pact:Event ; skos:prefLabel "Fair"@en ; pact:place "Busan" .'
FAIR_IRI = "https://w3id.org/eukdp/id/event/fair"
ASK = f"ASK {{ <{FAIR_IRI}> ?p ?o }}"


def add(run, *arguments):
    return run("add", *arguments, "-m", "why", "--author", "ann", "--source", PAPER)


@pytest.fixture
def added(run, write):
    done = add(run, write("fair.ttl", FAIR))
    assert (done.exit_code, done.stdout) == (0, "2\n"), done.output
    return run


def test_add_makes_one_revision_of_all_files(run, write):
    done = add(
        run, write("a.ttl", "event:fair a pact:Event ."), write("b.ttl", 'event:fair skos:prefLabel "Fair" .')
    )
    assert (done.exit_code, done.stdout) == (0, "2\n")
    assert "Where is it?" in done.stderr  # a warning lets it in
    assert run("query", ASK).exit_code == 0


def test_add_refuses_all_or_nothing_with_the_report_of_check(run, write):
    done = add(run, write("good.ttl", FAIR), write("bad.ttl", "event:expo a pact:Event ."))
    assert done.exit_code == 1
    assert "What is it called?" in done.stdout
    assert run("query", ASK).exit_code == 1
    assert run("log").stdout.count("\n") == 2


@pytest.mark.parametrize("command", ["add", "load"])
def test_facts_without_a_source_are_refused_with_that_reason(run, write, command):
    done = run(command, write("fair.ttl", FAIR), "-m", "why")
    assert done.exit_code == 1
    assert "no source" in done.stdout


def test_add_and_remove_are_one_revision(added, write):
    done = add(
        added,
        write("new.ttl", 'event:fair pact:place "Seoul" .'),
        "--remove",
        write("old.ttl", 'event:fair pact:place "Busan" .'),
    )
    assert (done.exit_code, done.stdout) == (0, "3\n")
    told = json.loads(added("show", "3", "--format", "json").stdout)
    assert (told["added"], told["removed"]) == (1, 1)


def test_removing_what_is_not_there_names_it(added, write):
    done = add(added, "--remove", write("old.ttl", 'event:fair pact:place "Jeju" .'))
    assert done.exit_code == 2
    assert "Jeju" in done.stderr


def test_a_blank_node_cannot_be_removed_and_gets_a_name_when_added(run, write):
    assert add(run, write("fair.ttl", FAIR + "event:fair pact:host [ pact:place 'x' ] .")).exit_code == 0
    assert "genid" in run("show", "2").stdout
    done = add(run, "--remove", write("old.ttl", "[] pact:place 'x' ."))
    assert (done.exit_code, "blank node" in done.stderr) == (2, True)


def test_what_is_there_already_makes_no_revision(added, write):
    done = add(added, write("fair.ttl", FAIR))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no new revision" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "-m", "why"],
        ["add", "absent.ttl", "-m", "why"],
        ["add", "fair.ttl"],
        ["add", "fair.ttl", "-m", " "],
        ["add", "fair.ttl", "-m", "why", "--source", "nonsense"],
        ["add", "fair.ttl", "-m", "why", "--source", PAPER, "--endpoint", "http://127.0.0.1:1/sparql"],
        ["load", "absent.ttl", "-m", "why"],
        ["show", "soon"],
        ["log", "nonsense"],
        ["revert", "2", "-m", "why", "--data", "absent"],
        ["why", "nonsense:x"],
        ["query", ASK, "--at", "soon"],
        ["query", ASK, "--at", "7"],
        ["backup", "data"],
        ["restore", "absent"],
        ["doctor", "--data", "absent"],
        ["log", "--data", "absent"],
    ],
)
def test_asking_wrongly_is_exit_code_2_with_a_sentence(run, write, tmp_path, arguments):
    write("fair.ttl", FAIR)
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert "Error: " in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "fair.ttl"]


def test_the_log_lists_revisions_and_tells_the_story_of_an_entity(added):
    lines = added("log").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["2", "1"]
    told = json.loads(added("log", "event:fair", "--format", "json").stdout)["revisions"]
    assert [(each["revision"], each["author"], each["message"]) for each in told] == [(2, "ann", "why")]
    assert added("log", f"<{FAIR_IRI}>").exit_code == 0
    nothing = added("log", "event:nowhere")
    assert (nothing.exit_code, nothing.stdout) == (1, "")


def test_show_says_who_when_why_and_what(added):
    text = added("show", "2").stdout
    for words in (
        "Author:   ann",
        "Message:  why",
        "3 added, 0 removed",
        "event:fair “Fair”",
        "Hash:",
        "graph:paper",
    ):
        assert words in text
    patch = added("show", "2", "--format", "patch").stdout.splitlines()
    quads = list(parse("\n".join(line[2:] for line in patch if line[:2] == "A "), format=RdfFormat.N_QUADS))
    assert len(quads) == 3
    assert patch[0].startswith("H id <urn:sha256:")
    missing = added("show", "9")
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_warnings_are_kept_with_the_revision(run, write):
    assert add(run, write("fair.ttl", 'event:fair a pact:Event ; skos:prefLabel "Fair" .')).exit_code == 0
    assert "Where is it?" in run("show", "2").stdout


def test_diff_has_no_detours(added, write):
    assert add(added, "--remove", write("fair.ttl", FAIR)).exit_code == 0
    assert "A event:fair" in added("diff", "1", "2").stdout
    assert "D event:fair" in added("diff", "2", "1").stdout
    assert added("diff", "1", "3").exit_code == 1


def test_revert_is_a_revision_of_its_own(added):
    done = added("revert", "2", "-m", "wrong", "--author", "bob")
    assert (done.exit_code, done.stdout) == (0, "3\n")
    assert added("query", ASK).exit_code == 1
    assert added("query", ASK, "--at", "2").exit_code == 0


def test_why_names_source_revision_author(added):
    text = added("why", "event:fair", "skos:prefLabel", '"Fair"@en').stdout
    assert "A paper" in text
    assert "revision 2, ann" in text
    told = json.loads(added("why", "event:fair", "--format", "json").stdout)
    assert len(told["statements"]) == 3
    assert added("why", "event:fair", "pact:place", "Jeju").exit_code == 1


def test_an_earlier_state_is_queried_and_exported_and_leaves_nothing_behind(added, tmp_path):
    before = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert added("query", ASK, "--at", "1").exit_code == 1
    assert added("query", ASK, "--at", "2999-01-01").exit_code == 0
    assert added("export", "statements", "old.nq", "--at", "1").exit_code == 0
    assert added("export", "statements", "new.nq").exit_code == 0
    assert (tmp_path / "new.nq").read_text().count(FAIR_IRI) == 3
    assert FAIR_IRI not in (tmp_path / "old.nq").read_text()
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == before


def test_add_and_check_name_what_may_be_there_already(run, write):
    again = write("again.ttl", 'event:again a pact:Event ; skos:prefLabel "FORUM"@en ; pact:place "Seoul" .')
    asked = run("check", again, "--source", PAPER)
    assert (asked.exit_code, "“FORUM” may be “Forum” again" in asked.stdout) == (0, True)
    done = add(run, again)
    assert (done.exit_code, done.stdout) == (0, "2\n")
    assert "event/forum> instead" in done.stderr
