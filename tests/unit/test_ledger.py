"""The ledger lets a patch in whole or not at all, and the journal rebuilds what the store holds."""

import shutil
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from pactgraph import vocab
from pactgraph.earlier import rewound
from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.history import difference, rdf_patch, revision_at
from pactgraph.journal import Entry
from pactgraph.ledger import ATTEMPTS, Patch, Refused, open_ledger

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
S, P = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")
GRAPHS = [NamedNode(f"http://example.org/g{number}") for number in range(3)]


def quad(value: int, graph: int = 0) -> Quad:
    return Quad(S, P, Literal(value), GRAPHS[graph])


@dataclass(frozen=True)
class Opinion:
    conforms: bool

    def to_json(self) -> str:
        return "[]"


class NoNines:
    """Refuses any patch that brings a nine."""

    def judge(self, dataset, added, removed, now):
        return Opinion(all(quad.object != Literal(9) for quad in added))


def opened(path):
    moments = (NOON + timedelta(minutes=number) for number in range(1, 999))
    return open_ledger(path, seed=lambda: [quad(1)], judge=NoNines(), clock=lambda: next(moments))


@pytest.fixture
def ledger(tmp_path):
    with closing(opened(tmp_path / "data")) as one:
        yield one


def commit(ledger, *added, removed=(), **options):
    return ledger.commit(Patch(tuple(added), tuple(removed)), author="ann", message="why", **options)


def everything(ledger):
    return set(ledger.dataset.quads())


def test_the_seed_is_revision_1(ledger):
    assert ledger.journal.head == ledger.dataset.revision == 1
    assert quad(1) in ledger.dataset


def test_a_patch_becomes_the_next_revision(ledger):
    receipt = commit(ledger, quad(2), quad(3, 1), removed=[quad(1)])
    assert (receipt.revision, receipt.added, receipt.removed) == (2, 2, 1)
    assert quad(1) not in ledger.dataset
    assert Quad(S, P, Literal(3), DefaultGraph()) in ledger.dataset
    assert ledger.journal.read(2).removed == (quad(1),)


def test_a_refused_patch_changes_nothing(ledger):
    before = everything(ledger)
    with pytest.raises(Refused) as refusal:
        commit(ledger, quad(2), quad(9))
    assert refusal.value.exit_code == 1
    assert everything(ledger) == before
    assert ledger.journal.head == 1


def test_a_dry_run_changes_nothing_and_says_what_it_would(ledger):
    before = everything(ledger)
    receipt = commit(ledger, quad(2), dry_run=True)
    assert (receipt.revision, receipt.added, receipt.dry_run) == (None, 1, True)
    assert everything(ledger) == before


def test_what_is_there_already_is_no_revision(ledger):
    assert commit(ledger, quad(1)).revision is None
    assert ledger.journal.head == 1


def test_removing_what_is_not_there_names_it(ledger):
    with pytest.raises(InputError, match='"7"'):
        commit(ledger, quad(2), removed=[quad(7)])
    assert ledger.journal.head == 1


def test_a_removal_names_the_form_that_the_store_keeps(ledger):
    written = Quad(S, P, Literal("01", datatype=Literal(1).datatype), GRAPHS[0])
    assert commit(ledger, removed=[written]).removed == 1


def test_a_revision_can_be_taken_back(ledger):
    before = {quad for quad in everything(ledger) if quad.graph_name in GRAPHS}
    commit(ledger, quad(2), removed=[quad(1)])
    assert ledger.revert(2, author="bob", message="wrong").revision == 3
    assert {quad for quad in everything(ledger) if quad.graph_name in GRAPHS} == before
    with pytest.raises(InputError, match="no revision 8"):
        ledger.revert(8, author="bob", message="wrong")


def test_the_store_is_built_again_from_the_journal(tmp_path):
    with closing(opened(tmp_path / "data")) as first:
        for value in range(2, 6):
            commit(first, quad(value, value % 3))
        commit(first, removed=[quad(3)])
        before = everything(first)
    shutil.rmtree(tmp_path / "data" / "store")
    with closing(opened(tmp_path / "data")) as second:
        assert second.dataset.revision == 6
        assert everything(second) == before


def test_a_crash_between_journal_and_store_is_mended_at_the_next_start(tmp_path):
    with closing(opened(tmp_path / "data")) as first:
        first.journal.append(Entry(2, NOON, "ann", "acknowledged", (quad(2),), ()))
    with closing(opened(tmp_path / "data")) as second:
        assert second.dataset.revision == 2
        assert quad(2) in second.dataset


def test_a_journal_that_lost_revisions_is_refused(tmp_path):
    with closing(opened(tmp_path / "data")) as first:
        commit(first, quad(2))
    (tmp_path / "data" / "journal.sqlite").unlink()
    with closing(opened(tmp_path / "other")):
        pass
    shutil.copy(tmp_path / "other" / "journal.sqlite", tmp_path / "data" / "journal.sqlite")
    with pytest.raises(DataDirectoryError, match="revision 2 and the journal ends at 1"):
        opened(tmp_path / "data")


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2)), max_size=12))
def test_every_earlier_state_can_be_seen_again(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("ledger")
    with closing(opened(path / "data")) as ledger:
        states = {1: everything(ledger)}
        for adds, value, graph in steps:
            patch = Patch((quad(value, graph),)) if adds else Patch((), (quad(value, graph),), strict=False)
            if ledger.commit(patch, author="ann", message="why").revision:
                states[ledger.journal.head] = everything(ledger)
        head = ledger.dataset.snapshot()
        for number, state in states.items():
            at = rewound(head, ledger.journal, number, path / f"at-{number}")
            assert set(Store.read_only(str(at.path))) == state


def test_the_difference_of_two_revisions_has_no_detours(ledger):
    commit(ledger, quad(2))
    commit(ledger, quad(3), removed=[quad(2)])
    assert difference(ledger.journal, 1, 3) == ({quad(3)}, set())
    assert difference(ledger.journal, 3, 1) == (set(), {quad(3)})


def test_revisions_are_named_by_number_day_or_moment(ledger):
    commit(ledger, quad(2))
    assert revision_at(ledger.journal, "1") == 1
    assert revision_at(ledger.journal, "2026-11-22") == 2
    assert revision_at(ledger.journal, "2026-11-22T12:01:30+00:00") == 1
    for when, words in (("9", "no revision 9"), ("2020-01-01", "begins after"), ("soon", "neither")):
        with pytest.raises(InputError, match=words):
            revision_at(ledger.journal, when)


def test_a_revision_as_rdf_patch(ledger):
    commit(ledger, quad(2), removed=[quad(1)])
    lines = list(rdf_patch(ledger.journal.read(2)))
    assert lines[2] == "TX ."
    assert lines[3].startswith("D <http://example.org/s>")
    assert lines[4].startswith("A <http://example.org/s>")
    assert lines[-1] == "TC ."


@pytest.mark.parametrize("graph", sorted(vocab.PROTECTED_GRAPHS, key=str))
@pytest.mark.parametrize("door", ["add", "remove", "load", "revert"])
def test_what_comes_with_a_release_is_refused_from_every_door(tmp_path, graph, door):
    there, new = Quad(S, P, Literal(1), graph), Quad(S, P, Literal(2), graph)
    with closing(
        open_ledger(tmp_path / "data", seed=lambda: [there], judge=NoNines(), clock=lambda: NOON)
    ) as ledger:
        before = everything(ledger)
        doors = {
            "add": lambda: commit(ledger, new),
            "remove": lambda: commit(ledger, removed=[there]),
            "load": lambda: ledger.load([[quad(3)], [new]], NoNines(), author="ann", message="why"),
            "revert": lambda: ledger.revert(1, author="ann", message="why"),
        }
        with pytest.raises(InputError) as refusal:
            doors[door]()
        assert (refusal.value.code, refusal.value.status) == ("protected-graph", 403)
        assert str(graph) in refusal.value.message
        assert (everything(ledger), ledger.journal.head) == (before, 1)


def test_a_patch_made_beside_other_writers_is_made_again_when_one_was_faster(ledger):
    seen = []

    def make(dataset):
        seen.append(len(dataset))
        if len(seen) == 1:
            other = threading.Thread(target=commit, args=(ledger, quad(2)))
            other.start()
            other.join(30)
            assert not other.is_alive()  # it did not have to wait
        return Patch((quad(10 + len(seen)),))

    receipt = ledger.transform(make, author="ann", message="why", apart=True)
    assert (receipt.revision, len(seen), seen[0] < seen[1]) == (3, 2, True)
    assert ledger.journal.read(3).added == (quad(12),)


def test_a_patch_that_others_always_beat_is_made_while_they_wait(ledger):
    seen, others = [], []

    def make(dataset):
        seen.append(dataset.revision)
        others.append(threading.Thread(target=commit, args=(ledger, quad(20 + len(seen)))))
        others[-1].start()
        others[-1].join(30 if len(seen) <= ATTEMPTS else 0)
        return Patch((quad(40),))

    assert ledger.transform(make, author="ann", message="why", apart=True).revision == 2 + ATTEMPTS
    others[-1].join(30)
    assert ledger.journal.head == 3 + ATTEMPTS
    assert seen == list(range(1, 2 + ATTEMPTS))
