"""The wiring: the one place that names concrete classes and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Quad

from pactgraph import vocab
from pactgraph.config import Limits
from pactgraph.errors import PactgraphError
from pactgraph.ingest.seed import describe_seed, read_seed
from pactgraph.query.pool import QueryPool
from pactgraph.resources import shipped
from pactgraph.store import EmbeddedDataset
from pactgraph.store.directory import is_data_directory

Validate = Callable[[Iterable[Quad]], None]


def open_dataset(
    data: Path,
    *,
    read_only: bool = False,
    validate: Validate | None = None,
    ontology: Path | None = None,
    facts: Path | None = None,
) -> EmbeddedDataset:
    """Open a data directory; on first use make it, with the shipped ontology and facts as revision 1.

    ``validate`` sees the quads before they go in and raises when they do not conform. ``ontology`` and
    ``facts`` are other folders than the shipped ones. Raises ``DataDirectoryError``.
    """

    def first() -> list[Quad]:
        try:
            quads = read_seed(ontology or shipped("ontology"), facts or shipped("facts"))
        except FileNotFoundError as error:
            raise PactgraphError(str(error), code="incomplete-installation") from None
        if validate is not None:
            validate(quads)
        return [*quads, *describe_seed(quads)]

    if read_only and not is_data_directory(data):
        EmbeddedDataset.open(
            data, first=first
        ).close()  # making it needs the lock for writing, reading does not
    return EmbeddedDataset.open(data, first=first, read_only=read_only)


@contextmanager
def reading(
    data: Path | None, *, ontology: Path | None = None, facts: Path | None = None
) -> Iterator[EmbeddedDataset]:
    """Open a dataset for reading and close it at the end.

    Without a directory: the shipped graph, in a temporary directory that is removed at the end. It is not
    validated again, as it was before it was shipped.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="pactgraph-"))) / "data"
        yield stack.enter_context(open_dataset(data, read_only=True, ontology=ontology, facts=facts))


class Service:
    """What the edges get: the dataset, the pool of query workers, and when it all began."""

    def __init__(self, dataset: EmbeddedDataset, limits: Limits) -> None:
        self.dataset = dataset
        self.limits = limits
        self.started = datetime.now(UTC)
        self.pool = QueryPool(
            dataset.snapshot(),
            workers=limits.workers,
            timeout=limits.timeout,
            memory_mb=limits.memory_mb,
            prefixes=vocab.prefixes(),
        )
        self._resources = ExitStack()  # closed last to first: the pool before the dataset that it reads
        self._resources.callback(dataset.close)
        self._resources.callback(self.pool.close)

    @property
    def revision(self) -> int:
        """The revision that queries see."""
        return self.pool.snapshot.revision

    @property
    def read_only(self) -> bool:
        """Whether writes are refused."""
        return self.dataset.read_only

    def close(self) -> None:
        """End the workers, close the dataset. May be called more than once."""
        self._resources.close()

    def __enter__(self) -> Service:
        """Return itself; to be used in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def open_service(
    data: Path, limits: Limits, *, read_only: bool = False, validate: Validate | None = None
) -> Service:
    """Open a data directory (on first use, make it) and start its workers; raises ``DataDirectoryError``."""
    dataset = open_dataset(data, read_only=read_only, validate=validate or _validate)
    try:
        return Service(dataset, limits)
    except BaseException:
        dataset.close()
        raise


def _validate(quads: Iterable[Quad]) -> None:
    """Judge the first revision like any other; pySHACL takes a while to load, and is only needed here."""
    from pactgraph.shapes.validator import seed_guard  # noqa: PLC0415 - a second that later starts do not need

    seed_guard(quads)


@contextmanager
def asking(
    data: Path | None, limits: Limits, *, ontology: Path | None = None, facts: Path | None = None
) -> Iterator[Service]:
    """Open what answers queries for a while: a data directory, or the shipped graph; see ``reading``."""
    with reading(data, ontology=ontology, facts=facts) as dataset, Service(dataset, limits) as service:
        yield service
