"""What a service counts, in Prometheus' form. The other parts call these methods, and know nothing
of Prometheus.
"""

from __future__ import annotations

from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE", "Metrics", "Seen"]

QUOTAS = frozenset({"concurrent", "per-minute", "cpu-per-day"})
"""The quotas that a tenant has."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUICK = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.04, 0.1, 0.25, 1.0, 5.0)
_LONG = (0.001, 0.003, 0.005, 0.01, 0.04, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)


class Seen(Protocol):
    """What is looked at when the metrics are read, and counted by nobody."""

    def gauges(self) -> dict[str, tuple[str, float]]:
        """Each gauge's name, what it is, and how much."""


class Metrics:
    """Counts what happens in one service.

    The names of engines, statuses, limits and reasons are those of a closed set: whoever calls
    checks that no client's text gets in, or series would grow without end.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self._described: list[tuple[str, str, tuple[str, ...], str]] = []
        counter, histogram = self._counter, self._histogram
        self._runs = counter("runs", "Turns that ended.", ("engine", "status"))
        self._limits = counter("limits_hit", "Turns that reached a limit.", ("engine", "limit"))
        self._starts = histogram("start_seconds", "Until a guest was there.", ("engine",), _QUICK)
        self._times = histogram("run_seconds", "Of turns, from asked to ended.", ("engine",), _LONG)
        self._failed = counter("start_failures", "Guests not started.", ("engine", "reason"))
        self._quota = counter("quota_refusals", "Requests refused by quota.", ("quota",))
        self._overload = counter("overload_refusals", "Requests that found no room.", ())
        self._waits = histogram("queue_wait_seconds", "Of runs, for their turn.", (), _LONG)
        self._store = histogram("store_seconds", "Of database work.", ("kind",), _QUICK)
        self._aside = counter("sessions_put_aside", "Sessions put aside.", ("reason",))
        self._restored = counter("sessions_restored", "Sessions brought back.", ("outcome",))
        self._requests = counter("requests", "HTTP answers.", ("route", "status"))
        self._latency = histogram("request_seconds", "Of HTTP answers.", ("route",), _LONG)
        self._plugins = counter("plugin_calls", "Calls of hooks.", ("plugin", "hook", "outcome"))

    def run_ended(
        self,
        engine: str,
        status: str,
        limit: str | None,
        start_seconds: float | None,
        run_seconds: float,
    ) -> None:
        """A turn ended.

        Args:
            engine: which ran it.
            status: how it ended, as ``Result.status``.
            limit: the limit that it reached, if it did.
            start_seconds: what its guest took to be there; None where it was there already.
            run_seconds: from when it was asked for until it ended.
        """
        self._runs.labels(engine, status).inc()
        if limit is not None:
            self._limits.labels(engine, limit).inc()
        if start_seconds is not None:
            self._starts.labels(engine).observe(start_seconds)
        self._times.labels(engine).observe(run_seconds)

    def start_failed(self, engine: str, reason: str) -> None:
        """No guest could be started; ``reason`` is the name of what was raised."""
        self._failed.labels(engine, reason).inc()

    def quota_refused(self, quota: str) -> None:
        """A quota was used up: one of :data:`QUOTAS`."""
        self._quota.labels(quota if quota in QUOTAS else "other").inc()

    def overloaded(self) -> None:
        """A request found no room: too much waits, or it waited too long."""
        self._overload.inc()

    def waited(self, seconds: float) -> None:
        """A run waited for its turn."""
        self._waits.observe(seconds)

    def stored(self, kind: str, seconds: float) -> None:
        """The database did something: ``read`` or ``write``."""
        self._store.labels(kind).observe(seconds)

    def session_put_aside(self, reason: str) -> None:
        """A session was saved and its guest ended; see ``aside.Reason``."""
        self._aside.labels(reason).inc()

    def session_restored(self, outcome: str) -> None:
        """A session came back: ``whole``, ``partly`` or ``lost``."""
        self._restored.labels(outcome).inc()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is its pattern, never its path."""
        self._requests.labels(route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def plugin_called(self, plugin: str, hook: str, outcome: str) -> None:
        """A hook of a published plugin was called: ``ok`` or ``failed``."""
        self._plugins.labels(plugin, hook, outcome).inc()

    def look_at(self, seen: Seen) -> None:
        """Have all gauges of a part that tells them together."""
        self.registry.register(_Looking(seen))

    def described(self) -> list[tuple[str, str, tuple[str, ...], str]]:
        """Name, kind, labels and meaning of each that is counted here."""
        return list(self._described)

    def text(self) -> bytes:
        """All of it, as ``/metrics`` answers."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, labels: tuple[str, ...]) -> Counter:
        self._described.append((f"ringfence_{name}_total", "counter", labels, what))
        return Counter(f"ringfence_{name}", what, labels, registry=self.registry)

    def _histogram(
        self, name: str, what: str, labels: tuple[str, ...], buckets: tuple[float, ...]
    ) -> Histogram:
        return Histogram(f"ringfence_{name}", what, labels, buckets=buckets, registry=self.registry)


class _Looking(Collector):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def collect(self) -> list[GaugeMetricFamily]:
        return [
            GaugeMetricFamily(f"ringfence_{name}", what, value=value)
            for name, (what, value) in self._seen.gauges().items()
        ]
