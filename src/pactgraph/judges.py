"""What the ledger needs of others: who judges a patch, and who follows the revisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from pyoxigraph import Quad, Store

from pactgraph.journal import Entry
from pactgraph.model import Snapshot
from pactgraph.store import EmbeddedDataset


class Verdict(Protocol):
    """What the ledger needs of a validation report."""

    @property
    def conforms(self) -> bool:
        """Whether nothing refuses the patch."""

    def to_json(self) -> str:
        """Return the report for programs."""

    def to_turtle(self) -> str:
        """Return the report as SHACL defines it."""


class Judge(Protocol):
    """Judges the state after a patch, at the cost of the patch."""

    def judge(
        self, dataset: EmbeddedDataset, added: Iterable[Quad], removed: Iterable[Quad], now: datetime
    ) -> Verdict:
        """Return what the patch introduces; ``added`` and ``removed`` hold the default graph's quads too."""


class BulkJudge(Protocol):
    """Judges a whole state that is to follow another."""

    def judge(self, before: Snapshot, after: Store, stated: Iterable[Quad], now: datetime) -> Verdict:
        """Return what is wrong after and was not before; ``stated`` has one quad of each graph that grew."""


class Follower(Protocol):
    """What is derived from the dataset and kept in step with it, such as a search index."""

    def follow(self, entry: Entry) -> None:
        """Take in a revision that the store has just taken; never raises, and catches up later instead."""

    def close(self) -> None:
        """Close it."""
