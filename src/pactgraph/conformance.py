"""The ledger of a plain dataset: whatever comes is let in, and nothing is remembered of it.

For ``serve --profile conformance`` alone, on which the W3C's test suites run: they state facts without a
source, and write to the default graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Quad

from pactgraph.admission import refuse_absent
from pactgraph.errors import InputError
from pactgraph.journal import Journal
from pactgraph.judges import BulkJudge, Judge, Verdict
from pactgraph.ledger import JOURNAL, Ledger, Patch, Receipt
from pactgraph.store import EmbeddedDataset
from pactgraph.store.plain import open_plain


class PlainLedger(Ledger):
    """Writes to a plain dataset; there is no history to look at or to go back in."""

    is_plain = True

    def commit(self, patch: Patch, *, author: str, message: str, dry_run: bool = False) -> Receipt:
        """Let a patch in; raises ``InputError`` when a strict one removes what is not there."""
        with self._writing:
            change = self.dataset.plan(patch.added, patch.removed)
            if patch.strict:
                refuse_absent(patch.removed, change.removed)
            added, removed = len(change.added), len(change.removed)
            if dry_run or not (added or removed):
                return Receipt(None, added, removed, dry_run=dry_run)
            number = self.dataset.revision + 1
            self.dataset.apply(change.added, change.removed, revision=number, description=())
            return Receipt(number, added, removed)

    def load(
        self, batches: Iterable[Iterable[Quad]], judge: BulkJudge, *, author: str, message: str
    ) -> Receipt:
        """Refuse: a bulk load is for a dataset that is kept."""
        raise _no_history()

    def revert(self, number: int, *, author: str, message: str) -> Receipt:
        """Refuse: nothing is remembered."""
        raise _no_history()


class _NoJudge(Judge):
    def judge(
        self, dataset: EmbeddedDataset, added: Iterable[Quad], removed: Iterable[Quad], now: datetime
    ) -> Verdict:
        raise TypeError("a plain dataset is not judged")


def open_plain_ledger(data: Path) -> PlainLedger:
    """Open an empty plain dataset with its ledger; raises ``DataDirectoryError``."""
    dataset = open_plain(data)
    try:
        journal = Journal(dataset.place / JOURNAL)  # stays empty
    except BaseException:
        dataset.close()
        raise
    return PlainLedger(dataset, journal, _NoJudge(), clock=lambda: datetime.now(UTC))


def _no_history() -> InputError:
    text = "The conformance profile keeps no history; start the server without it."
    return InputError(text, code="no-history", status=404)
