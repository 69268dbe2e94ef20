"""Tokens, backups, the doctor, bulk loads, and a store that is gone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from pyoxigraph import Literal, Quad, Store

import pactgraph
from pactgraph.doctor import FAULT, WARNING, examine, graph_hashes
from pactgraph.ledger import Patch, Refused
from pactgraph.store.directory import open_directory
from pactgraph.tokens import Tokens

PAPER = "https://w3id.org/eukdp/source/paper"
FAIR = 'event:fair a pact:Event ; skos:prefLabel "Fair"@en ; pact:place "Busan" .'


def levels(data):
    return {finding.check: finding.level for finding in examine(data)}


@pytest.fixture
def data(tmp_path, driver):
    """A data directory with ten revisions."""
    place = tmp_path / "ten"
    with closing(driver.opened(place)) as ledger:
        for number in range(9):
            ledger.commit(Patch(driver.quads_of(f"n{number}")), author="ann", message="why")
    return place


def test_a_token_is_printed_once_and_found_again(run, tmp_path):
    made = run("token", "create", "ann", "--role", "admin")
    plain = made.stdout.splitlines()[-1]
    assert made.stdout == f"{plain}\n"
    found = Tokens(tmp_path / "data").find(plain)
    assert (found.name, found.role) == ("ann", "admin")
    assert plain not in (tmp_path / "data" / "tokens.json").read_text()
    assert "ann" in run("token", "list").stdout
    assert run("token", "create", "ann").exit_code == 2
    assert run("token", "revoke", "ann").exit_code == 0
    assert run("token", "list").exit_code == 1
    assert run("token", "revoke", "ann").exit_code == 2


def test_a_token_makes_a_directory_that_is_still_to_be_filled(run, tmp_path, driver):
    assert run("token", "create", "ann", "--data", "new").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["format", "lock", "tokens.json"]
    with closing(driver.opened(tmp_path / "new")) as ledger:
        assert ledger.journal.head == 1
    assert len(Tokens(tmp_path / "new").known()) == 1


def test_a_token_is_made_while_a_server_holds_the_directory(run, tmp_path):
    with closing(open_directory(tmp_path / "data")):
        assert run("token", "create", "ann").exit_code == 0
        held = run("query", "ASK {}")
        assert (held.exit_code, "--endpoint URL" in held.stderr) == (3, True)
        assert run("log").exit_code == 0  # the journal can be read meanwhile


def test_a_foreign_folder_gets_no_token(run, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").write_text("x")
    assert run("token", "create", "ann", "--data", "other").exit_code == 3
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine"]


def test_a_backup_is_taken_while_a_writer_holds_the_directory(run, tmp_path, driver, data):
    with closing(driver.opened(data)) as ledger:
        ledger.commit(Patch(driver.quads_of("late")), author="ann", message="why")
        Tokens(data).create("ann", "writer", ledger._clock())
        done = run("backup", "copy", "--data", "ten")
        assert (done.exit_code, done.stdout) == (0, "11\n")
        expected = graph_hashes(ledger.dataset._store)
    restored = run("restore", "copy", "--data", "again")
    assert (restored.exit_code, restored.stdout) == (0, "11\n")
    assert graph_hashes(Store.read_only(str(tmp_path / "again" / "store"))) == expected
    assert FAULT not in levels(tmp_path / "again").values()
    assert (tmp_path / "again" / "tokens.json").stat().st_mode & 0o077 == 0


def test_a_damaged_backup_is_not_restored(run, tmp_path, data):
    assert run("backup", "copy", "--data", "ten").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "copy" / "journal.sqlite")) as journal:
        journal.execute("UPDATE revision SET message = 'another' WHERE number = 4")
        journal.commit()
    done = run("restore", "copy", "--data", "again")
    assert (done.exit_code, "revision 4" in done.stderr) == (3, True)
    assert not (tmp_path / "again").exists()
    assert run("restore", "copy").exit_code == 2  # the data directory is taken


def test_the_doctor_finds_nothing_wrong(data):
    assert set(levels(data).values()) == {"ok"}


def test_the_doctor_sees_a_changed_past(run, data):
    with closing(sqlite3.connect(data / "journal.sqlite")) as journal:
        journal.execute("UPDATE revision SET author = 'bob' WHERE number = 3")
        journal.commit()
    assert levels(data)["journal"] == FAULT
    done = run("doctor", "--format", "json", "--data", "ten")
    assert (done.exit_code, json.loads(done.stdout)["sound"]) == (1, False)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda store, driver: store.remove(driver.quads_of("n3")[0]), "replay"),
        (
            lambda store, driver: store.add(
                Quad(driver.named("x"), driver.PREDICATE, Literal(1), driver.GRAPH)
            ),
            "union",
        ),
        (lambda store, driver: store.add(Quad(driver.named("x"), driver.PREDICATE, Literal(1))), "union"),
        (lambda store, driver: store.clear(), "revision"),
    ],
)
def test_the_doctor_sees_a_store_that_is_not_what_the_journal_says(data, driver, change, check):
    store = Store(data / "store")
    change(store, driver)
    store.flush()
    del store
    assert levels(data)[check] == FAULT


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ("UPDATE name SET label = 'other'", FAULT),
        ("INSERT INTO spelling(spelling) VALUES ('delete-all')", FAULT),
        ("DELETE FROM kind", FAULT),
        ("UPDATE stand SET revision = 3", WARNING),
        ("UPDATE stand SET hash = 'of another history'", WARNING),
        ("DELETE FROM stand", WARNING),
    ],
)
def test_the_doctor_sees_a_search_index_that_is_not_what_the_store_says(run, tmp_path, change, level):
    data = tmp_path / "data"
    assert levels(data)["search"] == "ok"
    with closing(sqlite3.connect(data / "search.sqlite")) as index:
        index.execute(change)
        index.commit()
    assert levels(data)["search"] == level


def test_a_lost_search_index_is_built_again(run, tmp_path, write):
    (tmp_path / "data" / "search.sqlite").unlink()
    assert levels(tmp_path / "data")["search"] == WARNING
    assert run("add", write("fair.ttl", FAIR), "-m", "why", "--source", PAPER).exit_code == 0
    assert levels(tmp_path / "data")["search"] == "ok"


def test_the_doctor_says_what_the_next_start_mends(data, driver):
    shutil.rmtree(data / "store")
    (data / "store.new").mkdir()
    assert levels(data) == {"leftovers": WARNING, "journal": "ok", "revision": WARNING}
    driver.opened(data).close()
    assert set(levels(data).values()) == {"ok"}


def test_the_doctor_does_not_look_at_a_directory_in_use(run, data):
    with closing(open_directory(data)):
        done = run("doctor", "--data", "ten")
    assert (done.exit_code, "in use" in done.stderr) == (3, True)


def test_a_store_that_is_gone_is_built_again_equal(data, driver):
    before = graph_hashes(Store.read_only(str(data / "store")))
    shutil.rmtree(data / "store")
    driver.opened(data).close()
    assert graph_hashes(Store.read_only(str(data / "store"))) == before


def test_a_refused_patch_leaves_every_byte_of_the_journal_and_every_quad(run, write, tmp_path):
    data = tmp_path / "data"

    def state():
        with closing(
            sqlite3.connect(f"file:{data / 'journal.sqlite'}?mode=ro&immutable=1", uri=True)
        ) as journal:
            index = list(journal.execute("SELECT * FROM mention ORDER BY iri, revision"))
        quads = set(Store.read_only(str(data / "store")))
        return (data / "journal.sqlite").read_bytes(), index, quads

    before = state()
    done = run("add", write("bad.ttl", "event:expo a pact:Event ."), "-m", "why", "--source", PAPER)
    assert done.exit_code == 1
    assert state() == before
    assert run("add", write("good.ttl", FAIR), "-m", "why", "--source", PAPER).exit_code == 0
    assert state() != before


def many(number, extra=""):
    lines = [
        f'event:e{each} a pact:Event ; skos:prefLabel "E {each}"@en ; pact:place "x" .'
        for each in range(number)
    ]
    return "\n".join(lines) + extra


@pytest.mark.parametrize("number", [3, 3000])
def test_a_load_is_one_revision(run, write, tmp_path, number):
    files = write("a.ttl", many(number)), write("b.ttl", FAIR)
    done = run("load", *files, "-m", "many", "--source", PAPER)
    assert (done.exit_code, done.stdout) == (0, "2\n"), done.output
    assert f"{3 * number + 3:,} statements" in done.stderr
    assert run("query", "ASK { event:fair a pact:Event }").exit_code == 0
    assert json.loads(run("show", "2", "--format", "json").stdout)["added"] == 3 * number + 3
    assert set(levels(tmp_path / "data").values()) == {"ok"}
    again = run("load", *files, "-m", "many", "--source", PAPER)
    assert (again.exit_code, again.stdout) == (0, "")


@pytest.mark.parametrize("number", [3, 3000])
def test_a_load_with_one_bad_fact_changes_nothing(run, write, tmp_path, number):
    before = graph_hashes(Store.read_only(str(tmp_path / "data" / "store")))
    done = run(
        "load", write("a.ttl", many(number, "\nevent:bad a pact:Event .")), "-m", "many", "--source", PAPER
    )
    assert done.exit_code == 1
    assert done.stdout.count("What is it called?") == 1
    assert graph_hashes(Store.read_only(str(tmp_path / "data" / "store"))) == before
    assert set(levels(tmp_path / "data").values()) == {"ok"}


def test_a_load_that_does_not_parse_names_the_line(run, write, tmp_path):
    done = run("load", write("a.ttl", many(3000, "\nevent:bad a")), "-m", "many", "--source", PAPER)
    assert (done.exit_code, "line 3012" in done.stderr) == (2, True), done.stderr
    assert set(levels(tmp_path / "data").values()) == {"ok"}


def test_a_large_revision_is_replayed_in_bulk(run, write, tmp_path, monkeypatch, driver):
    assert run("load", write("a.ttl", many(3000)), "-m", "many", "--source", PAPER).exit_code == 0
    before = graph_hashes(Store.read_only(str(tmp_path / "data" / "store")))
    shutil.rmtree(tmp_path / "data" / "store")
    monkeypatch.setattr("pactgraph.replay.BULK", 1000)
    driver.opened(tmp_path / "data").close()
    assert graph_hashes(Store.read_only(str(tmp_path / "data" / "store"))) == before


def test_commit_in_python_is_seen_by_the_same_graph(run, write, tmp_path, shapes, monkeypatch):
    monkeypatch.setattr("pactgraph.shapes.catalogue.load_shapes", lambda: shapes)
    with pactgraph.open(tmp_path / "data") as graph:
        receipt = graph.commit(write("fair.ttl", FAIR), message="why", source=PAPER, author="ann")
        assert (receipt.revision, receipt.added) == (2, 3)
        assert graph.query("ASK { event:fair a pact:Event }")
        with pytest.raises(Refused) as refusal:
            graph.commit(write("bad.ttl", "event:expo a pact:Event ."), message="why", source=PAPER)
        assert not refusal.value.report.conforms
        assert graph.query("ASK { event:fair a pact:Event }")
