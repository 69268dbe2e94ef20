"""Does a data directory hold together? The journal's chain, the store against a replay of it, the union, the
search index against the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from pactgraph import vocab
from pactgraph.errors import DataDirectoryError
from pactgraph.journal import Entry, Journal
from pactgraph.ledger import JOURNAL
from pactgraph.provenance import revision_mark
from pactgraph.replay import BULK, described
from pactgraph.search import FILE as SEARCH
from pactgraph.search import SearchIndex
from pactgraph.search.opening import standing
from pactgraph.store.directory import LEFTOVERS, open_directory
from pactgraph.store.marks import marks, read_mark
from pactgraph.terms import Subject, Term

FAULT, WARNING, FINE = "fault", "warning", "ok"
_NEW = ("format.new", "tokens.new")
_SHOWN = 5
_STATED = f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {vocab.REVISIONS_GRAPH})"
_LOST = f"SELECT ?s ?p ?o {{ {_STATED} FILTER NOT EXISTS {{ ?s ?p ?o }} }} LIMIT {_SHOWN}"
_STRAY = f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER NOT EXISTS {{ {_STATED} }} }} LIMIT {_SHOWN}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: ``fault``, ``warning`` (mended at the next start) or ``ok``."""

    check: str
    level: str
    message: str


def examine(data: Path, say: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Check a data directory that nobody else has open, and change nothing in it.

    ``say`` is told what is being checked. Raises ``DataDirectoryError`` when it is in use or not one.
    """
    with closing(open_directory(data)):
        return list(_examine(data, say))


def _examine(data: Path, say: Callable[[str], None]) -> Iterator[Finding]:
    say("leftovers")
    yield _leftovers(data)
    if not (data / JOURNAL).is_file():
        yield Finding("journal", FAULT, f"There is no {JOURNAL}; restore a backup.")
        return
    try:
        with closing(Journal(data / JOURNAL, read_only=True, at_rest=not _in_use(data))) as journal:
            say("journal")
            yield _chain(journal)
            yield from _store(data, journal, say)
    except (DataDirectoryError, sqlite3.Error) as fault:
        yield Finding("journal", FAULT, f"The journal cannot be read ({fault}); restore a backup.")


def _in_use(data: Path) -> bool:
    return (data / f"{JOURNAL}-wal").exists()


def _leftovers(data: Path) -> Finding:
    names = [
        name for name in (*LEFTOVERS, f"{JOURNAL}-wal", f"{SEARCH}-wal", *_NEW) if (data / name).exists()
    ]
    if not names:
        return Finding("leftovers", FINE, "No process left anything behind.")
    return Finding(
        "leftovers", WARNING, f"A process that died left {', '.join(names)}; the next one to write clears up."
    )


def _chain(journal: Journal) -> Finding:
    broken = journal.broken_links()
    if broken:
        listed = ", ".join(str(number) for number in broken[:_SHOWN])
        return Finding(
            "journal",
            FAULT,
            f"The chain is broken: revision {listed} is not what its hash says; restore a backup.",
        )
    newest = journal.headings(limit=1)
    if not newest:
        return Finding("journal", FAULT, "The journal has no revision; restore a backup.")
    return Finding("journal", FINE, f"{newest[0].number} revisions, chained up to {newest[0].hash}.")


def _store(data: Path, journal: Journal, say: Callable[[str], None]) -> Iterator[Finding]:
    if not (data / "store").is_dir():
        yield Finding("revision", WARNING, "There is no store; the next start builds it from the journal.")
        return
    try:
        store = Store.read_only(str(data / "store"))
        mark = read_mark(store)
    except (OSError, RuntimeError, ValueError) as fault:
        yield Finding(
            "revision", FAULT, f"The store cannot be read ({fault}); delete the folder store and start again."
        )
        return
    yield _mark(mark, journal.head)
    say("replay")
    yield _replayed(store, journal, min(mark, journal.head))
    say("union")
    yield _union(store)
    say("search")
    yield _search(data, store, journal)


def _mark(mark: int, head: int) -> Finding:
    if mark == head:
        return Finding("revision", FINE, f"The store is at revision {mark}, as the journal.")
    if mark < head:
        message = f"The store is at revision {mark}, the journal at {head}; the next start replays the rest."
        return Finding("revision", WARNING, message)
    message = f"The store is at revision {mark}, but the journal ends at {head}; restore a backup."
    return Finding("revision", FAULT, message)


def _replayed(store: Store, journal: Journal, last: int) -> Finding:
    """Compare the named graphs of the store with those that the journal gives."""
    with TemporaryDirectory(prefix="pactgraph-doctor-") as folder:
        scratch = Store(folder)
        for entry in journal.entries(1, last):
            _apply(scratch, entry)
        scratch.extend({revision_mark(last), *marks(store)})  # a crash may have left that of the one before
        there, expected = graph_hashes(store), graph_hashes(scratch)
        del scratch
    wrong = sorted(name for name in there.keys() | expected.keys() if there.get(name) != expected.get(name))
    if wrong:
        named = ", ".join(wrong[:_SHOWN])
        message = (
            f"{len(wrong)} graphs differ from the journal: {named}; delete the folder store and start again."
        )
        return Finding("replay", FAULT, message)
    total = sha256("".join(f"{name} {expected[name]}\n" for name in sorted(expected)).encode()).hexdigest()
    return Finding("replay", FINE, f"The store equals a replay of the journal; its graphs hash to {total}.")


def _apply(store: Store, entry: Entry) -> None:
    for quad in entry.removed:
        store.remove(quad)
    (store.bulk_extend if len(entry.added) > BULK else store.extend)(entry.added)
    store.extend(described(entry))


def graph_hashes(store: Store) -> dict[str, str]:
    """Return the SHA-256 of each named graph, over its sorted lines of N-Quads; nothing stored is blank."""
    hashes = {}
    for graph in store.named_graphs():
        if isinstance(graph, NamedNode):
            lines = sorted(f"{quad}\n" for quad in store.quads_for_pattern(None, None, None, graph))
            hashes[graph.value] = sha256("".join(lines).encode()).hexdigest()
    return hashes


def _union(store: Store) -> Finding:
    """Check that the default graph holds what the source graphs state, and nothing else."""
    lost, stray = (list(store.query(text)) for text in (_LOST, _STRAY))  # type: ignore[arg-type]  # SELECT
    if not lost and not stray:
        return Finding("union", FINE, "The default graph is the union of the source graphs.")
    example = lost[0] if lost else stray[0]
    words = "lacks what a source graph states" if lost else "holds what no source graph states"
    triple = " ".join(str(example[name]) for name in ("s", "p", "o"))
    message = f"The default graph {words}: {triple}; delete the folder store and start again."
    return Finding("union", FAULT, message)


class _Held:
    """A store, as the search index asks for it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match."""
        return self._store.quads_for_pattern(subject, predicate, value, graph)


def _search(data: Path, store: Store, journal: Journal) -> Finding:
    """Check that the index of names stands where the journal ends, and says what the store says."""
    if not (data / SEARCH).is_file():
        return Finding(
            "search", WARNING, "There is no search index; the next start builds it from the store."
        )
    index = SearchIndex(_Held(store), data / SEARCH, at_rest=not (data / f"{SEARCH}-wal").exists())
    if index.stand != standing(journal):
        return Finding(
            "search", WARNING, "The search index is not of the newest revision; the next start catches up."
        )
    try:
        differs = index.disagreement()
    except sqlite3.Error as fault:
        differs = f"it cannot be read ({fault})"
    if differs is None:
        return Finding("search", FINE, "The search index says what the store says.")
    message = f"The search index is not what the store says: {differs}; delete {SEARCH} and start again."
    return Finding("search", FAULT, message)
