"""How an index comes to be open: caught up for the one who writes, as it is or made anew for who reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol, runtime_checkable

from pactgraph.journal import Journal
from pactgraph.ledger import Ledger
from pactgraph.search.index import FILE, SearchIndex
from pactgraph.search.naming import Dataset
from pactgraph.search.table import Stand

_REPLAYED = 1000
"""An index that lacks more revisions than these is built anew, which then costs less."""


class Held(Dataset, Protocol):
    """What is asked of a dataset that lies in a directory."""

    @property
    def path(self) -> Path:
        """Its directory."""

    @property
    def revision(self) -> int:
        """The revision it is at."""


def index_for_writing(dataset: Held, journal: Journal) -> SearchIndex:
    """Open the index of a data directory and bring it to the newest revision.

    What it lacks comes from the journal; when it is missing, damaged, or of another history, it is built from
    the dataset.
    """
    index = SearchIndex(dataset, dataset.path / FILE, history=journal.entries)
    here, there = index.stand, standing(journal)
    if here is not None and 0 <= there.revision - here.revision <= _REPLAYED:
        index.synchronise(there, journal.entries(here.revision + 1))
    else:
        index.synchronise(there, None)
    return index


@runtime_checkable
class KnowsNames(Protocol):
    """A judge that hints at what is in the graph already, given what finds namesakes."""

    namesakes: Callable[[Collection[str]], Mapping[str, Sequence[str]]]


def followed(ledger: Ledger, judge: object) -> Ledger:
    """Give a ledger its index, and let the judge ask that for namesakes; closes the ledger on failure."""
    try:
        index = index_for_writing(ledger.dataset, ledger.journal)
    except BaseException:
        ledger.close()
        raise
    ledger.follower = index
    if isinstance(judge, KnowsNames):
        judge.namesakes = index.namesakes
    return ledger


def index_for_reading(dataset: Held, journal: Path | None) -> SearchIndex:
    """Open the index of a dataset that nobody writes to; one that is not current is made elsewhere, for now.

    ``journal`` is the file with the dataset's history, if it has one.
    """
    if journal is not None:
        with closing(Journal(journal, read_only=True, at_rest=True)) as opened:
            there = standing(opened)
        index = SearchIndex(dataset, dataset.path / FILE, at_rest=True)
        if index.stand == there:
            return index
    return SearchIndex.temporary(dataset, Stand(dataset.revision, ""))


def standing(journal: Journal) -> Stand:
    """Return where a journal ends."""
    newest = journal.headings(limit=1)
    return Stand(newest[0].number, newest[0].hash) if newest else Stand(0, "")
