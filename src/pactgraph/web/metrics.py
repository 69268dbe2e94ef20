"""``/metrics``: what the server has done and is doing, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pactgraph.web.service import Service

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one application; nothing is shared between two of them."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "pactgraph_http_requests",
            "HTTP requests",
            ("method", "resource", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "pactgraph_query_seconds",
            "Seconds from a query to the last byte of its answer",
            ("outcome",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._bytes = Counter("pactgraph_http_sent_bytes", "Bytes of bodies sent", registry=self._registry)
        self._children: dict[tuple[str, str, int], Callable[[float], None]] = {}
        self._registry.register(_Figures(service))

    def count(self, method: str, resource: str, status: int, size: int) -> None:
        """Count one request; ``resource`` is one of the paths that the server knows, never the client's."""
        key = (method, resource, status)
        increase = self._children.get(key)
        if increase is None:
            increase = self._children[key] = self._requests.labels(method, resource, str(status)).inc
        increase(1)
        self._bytes.inc(size)

    def time(self, outcome: str, seconds: float) -> None:
        """Note how long a query took."""
        self._seconds.labels(outcome).observe(seconds)

    def text(self) -> bytes:
        """Return all figures as they are now."""
        return generate_latest(self._registry)


class _Figures(Collector):
    """What the service says of itself when it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
        for name, text, value in self._service.gauges():
            yield GaugeMetricFamily(f"pactgraph_{name}", text, value=value)
        for name, text, label, counts in self._service.counters():
            family = CounterMetricFamily(f"pactgraph_{name}", text, labels=[label])
            for reason, count in counts.items():
                family.add_metric([reason], count)
            yield family
