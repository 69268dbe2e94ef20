"""The wiring: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import Quad

from pactgraph.config import Limits
from pactgraph.conformance import open_plain_ledger
from pactgraph.errors import DataDirectoryError, InputError, PactgraphError
from pactgraph.ingest.seed import describe_seed, read_seed
from pactgraph.journal import Journal
from pactgraph.judges import Judge
from pactgraph.ledger import JOURNAL, Ledger, open_ledger
from pactgraph.resources import shipped
from pactgraph.search.opening import followed
from pactgraph.service import Service
from pactgraph.store import EmbeddedDataset
from pactgraph.store.directory import is_data_directory, open_directory

if TYPE_CHECKING:
    from pactgraph.shapes.patches import PatchJudge


Validate = Callable[[Iterable[Quad]], None]


def open_for_writing(
    data: Path,
    *,
    validate: Validate | None = None,
    judge: Judge | None = None,
    clock: Callable[[], datetime] | None = None,
    ontology: Path | None = None,
    facts: Path | None = None,
) -> Ledger:
    """Open a data directory; on first use make it, with the shipped ontology and facts as revision 1.

    ``validate`` sees these quads before they go in and raises when they do not conform; ``judge`` sees every
    later patch, and is that of the shipped shapes unless given. ``ontology`` and ``facts`` are other folders
    than the shipped ones. Raises ``DataDirectoryError``.
    """

    def seed() -> set[Quad]:
        quads = _seed(ontology, facts)
        if validate is not None:
            validate(quads)
        return quads

    judge = judge or _shipped_judge()
    return followed(open_ledger(data, seed=seed, judge=judge, clock=clock or _now), judge)


def open_dataset(
    data: Path,
    *,
    read_only: bool = False,
    validate: Validate | None = None,
    ontology: Path | None = None,
    facts: Path | None = None,
) -> EmbeddedDataset:
    """Open what a data directory holds, without its ledger; see ``open_for_writing``."""
    if read_only and is_data_directory(data):
        return open_for_reading(data)
    ledger = open_for_writing(data, validate=validate, ontology=ontology, facts=facts)
    if read_only:
        ledger.close()
        return open_for_reading(data)
    if ledger.follower is not None:
        ledger.follower.close()
    ledger.journal.close()
    return ledger.dataset


def open_for_reading(data: Path) -> EmbeddedDataset:
    """Open a data directory that is there, together with other readers; raises ``DataDirectoryError``.

    What the last writer did not get to, because it died, is made up for first.
    """
    died = unfinished(data).exists()
    if not (data / "store").is_dir() or not (data / JOURNAL).is_file() or died:
        open_for_writing(data, validate=_validate).close()
    dataset = EmbeddedDataset.open(data, first=list, read_only=True)
    with closing(Journal(data / JOURNAL, at_rest=True)) as journal:
        behind = journal.head != dataset.revision
    if not behind:
        return dataset
    dataset.close()
    open_for_writing(data, validate=_validate).close()
    return EmbeddedDataset.open(data, first=list, read_only=True)


@contextmanager
def reading(
    data: Path | None, *, ontology: Path | None = None, facts: Path | None = None
) -> Iterator[EmbeddedDataset]:
    """Open a dataset for reading and close it at the end.

    Without a directory: the shipped graph, in a temporary directory that is removed at the end. It is not
    validated again, as it was before it was shipped.
    """
    with ExitStack() as stack:
        if data is not None:
            yield stack.enter_context(open_for_reading(data))
            return
        place = Path(stack.enter_context(TemporaryDirectory(prefix="pactgraph-"))) / "data"
        yield stack.enter_context(EmbeddedDataset.open(place, first=lambda: _described_seed(ontology, facts)))


@contextmanager
def writing(data: Path, *, judge: Judge | None = None) -> Iterator[Ledger]:
    """Open a data directory for a while to write to it; see ``open_for_writing``."""
    with closing(open_for_writing(data, validate=_validate, judge=judge)) as ledger:
        yield ledger


def known_author(name: str | None) -> str:
    """Return the author of a revision: the name given, else the login name; raises ``InputError``."""
    try:
        return getpass.getuser() if name is None else name
    except (OSError, KeyError):  # a container without a list of users
        raise InputError("The author is not known; name one.", code="no-author") from None


@contextmanager
def reading_journal(data: Path) -> Iterator[Journal]:
    """Open the journal of a data directory for reading, whoever has the directory open.

    Raises ``InputError`` when there is none.
    """
    if not (data / JOURNAL).is_file():
        raise InputError(
            f"There is no history at {data}; name a data directory with --data DIR, "
            f"or make one with 'pactgraph serve --data {data}'.",
            code="no-history",
        )
    with ExitStack() as stack:
        at_rest = False
        with suppress(DataDirectoryError):  # a server has it: SQLite lets others read meanwhile
            stack.callback(open_directory(data, read_only=True).close)
            at_rest = not unfinished(data).exists()
        yield stack.enter_context(closing(Journal(data / JOURNAL, read_only=True, at_rest=at_rest)))


def unfinished(data: Path) -> Path:
    """Return the file that only a journal in use has, or one whose last writer died."""
    return data / f"{JOURNAL}-wal"


def open_service(data: Path, limits: Limits, *, read_only: bool = False) -> Service:
    """Open a data directory (on first use, make it) and start its workers; raises ``DataDirectoryError``."""
    if read_only:
        dataset, ledger = open_dataset(data, read_only=True, validate=_validate), None
    else:
        judge = _shipped_judge()
        ledger = open_for_writing(data, validate=lambda quads: judge.guard(quads, _now()), judge=judge)
        dataset = ledger.dataset
        threading.Thread(target=judge.warm_up, name="pactgraph-shapes", daemon=True).start()
    try:
        return Service(dataset, limits, ledger)
    except BaseException:
        (ledger or dataset).close()
        raise


def open_plain_service(data: Path, limits: Limits) -> Service:
    """Start workers on an empty dataset without our rules, for test suites; raises ``DataDirectoryError``."""
    ledger = open_plain_ledger(data)
    try:
        return Service(ledger.dataset, limits, ledger)
    except BaseException:
        ledger.close()
        raise


@contextmanager
def asking(
    data: Path | None, limits: Limits, *, ontology: Path | None = None, facts: Path | None = None
) -> Iterator[Service]:
    """Open what answers queries for a while: a data directory, or the shipped graph; see ``reading``."""
    with reading(data, ontology=ontology, facts=facts) as dataset, Service(dataset, limits) as service:
        yield service


def _seed(ontology: Path | None, facts: Path | None) -> set[Quad]:
    try:
        return read_seed(ontology or shipped("ontology"), facts or shipped("facts"))
    except FileNotFoundError as error:
        raise PactgraphError(str(error), code="incomplete-installation") from None


def _described_seed(ontology: Path | None, facts: Path | None) -> list[Quad]:
    quads = _seed(ontology, facts)
    return [*quads, *describe_seed(quads)]


def _validate(quads: Iterable[Quad]) -> None:
    """Judge the first revision like any other."""
    _shipped_judge().guard(quads, _now())


def _shipped_judge() -> PatchJudge:
    from pactgraph.shapes.catalogue import load_shapes  # noqa: PLC0415 - a second that readers do not need
    from pactgraph.shapes.patches import PatchJudge  # noqa: PLC0415

    return PatchJudge(load_shapes)


def _now() -> datetime:
    return datetime.now(UTC)
