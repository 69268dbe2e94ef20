"""From the journal to the store: one revision, or all that the store lacks."""

from __future__ import annotations

from pyoxigraph import Quad

from pactgraph.errors import DataDirectoryError
from pactgraph.journal import Entry, Journal
from pactgraph.model import Revision
from pactgraph.provenance import author_iri, describe_revision
from pactgraph.store import EmbeddedDataset

BULK = 10_000
"""More quads than these are added in a copy of the store, which is then adopted: that is cheaper."""
BATCH = 100_000
"""How many quads go into such a copy at a time."""


def described(entry: Entry) -> list[Quad]:
    """Return what the graph of the revisions says of one."""
    revision = Revision(entry.number, author_iri(entry.author), entry.ended_at, entry.message)
    return describe_revision(revision, added=len(entry.added), removed=len(entry.removed))


def replay(dataset: EmbeddedDataset, entry: Entry) -> None:
    """Bring a store from the revision before to that of the entry, in one atomic step."""
    if len(entry.added) > BULK and not entry.removed:
        with dataset.staged() as staging:
            for start in range(0, len(entry.added), BATCH):
                staging.add(entry.added[start : start + BATCH])
            dataset.adopt(staging, revision=entry.number, description=described(entry))
        return
    dataset.apply(entry.added, entry.removed, revision=entry.number, description=described(entry))


def reconcile(dataset: EmbeddedDataset, journal: Journal) -> int:
    """Replay what the journal has and the store lacks; return the number of revisions replayed."""
    missing = journal.head - dataset.revision
    if missing < 0:
        raise DataDirectoryError(
            f"The store is at revision {dataset.revision} and the journal ends at {journal.head}; "
            "restore the journal from a backup.",
            code="journal-behind",
        )
    for entry in journal.entries(dataset.revision + 1):
        replay(dataset, entry)
    return missing
