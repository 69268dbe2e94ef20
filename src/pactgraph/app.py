"""The wiring: the one place that names concrete classes and puts them together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from pyoxigraph import Quad

from pactgraph.config import Limits
from pactgraph.errors import PactgraphError
from pactgraph.ingest.seed import describe_seed, read_seed
from pactgraph.query.pool import QueryPool
from pactgraph.query.reuse import Reuse
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
            root=dataset.snapshots,
            services=limits.services,
            most_waiting=limits.most_waiting,
        )
        self.queries = Reuse(self.pool, limit=limits.cache_mb * 1024 * 1024)
        self._after = ExitStack()

    @property
    def revision(self) -> int:
        """The revision that queries see."""
        return self.pool.snapshot.revision

    def gauges(self) -> Iterable[tuple[str, str, float]]:
        """Yield figures of now: name, explanation, value."""
        yield "revision", "The revision that queries see", self.revision
        yield "queries_running", "Queries under evaluation", self.pool.running
        yield "queries_waiting", "Queries that wait for a worker", self.pool.waiting
        yield "cache_bytes", "Bytes of answers kept for reuse", self.queries.size

    def counters(self) -> Iterable[tuple[str, str, str, Mapping[str, int]]]:
        """Yield figures that only grow: name, explanation, name of the label, counts by label."""
        yield "answers", "Answers by where they came from", "source", self.queries.counts
        yield "worker_deaths", "Workers killed or crashed", "reason", self.pool.deaths

    def call_after_close(self, function: Callable[[], object]) -> None:
        """Have something done once everything is closed."""
        self._after.callback(function)

    def close(self) -> None:
        """End the workers, close the dataset. May be called more than once."""
        self.pool.close()
        self.dataset.close()
        self._after.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_service(
    data: Path | None,
    limits: Limits,
    *,
    read_only: bool = False,
    validate: Validate | None = None,
    ontology: Path | None = None,
    facts: Path | None = None,
) -> Service:
    """Open a data directory and start the workers on it.

    Without a directory: the shipped graph, in a temporary directory that goes when the service is closed. It
    is not validated again, as it was before it was shipped.
    """
    if data is not None:
        dataset = open_dataset(data, read_only=read_only, validate=validate, ontology=ontology, facts=facts)
        return Service(dataset, limits)
    temporary = tempfile.TemporaryDirectory(prefix="pactgraph-")
    try:
        dataset = open_dataset(Path(temporary.name) / "data", read_only=True, ontology=ontology, facts=facts)
    except BaseException:
        temporary.cleanup()
        raise
    service = Service(dataset, limits)
    service.call_after_close(temporary.cleanup)
    return service
