"""The figures that Prometheus reads. One registry an app, so that two apps in one process don't mix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.13, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0, 8.0)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.http = Counter(
            "lvxiaoyu_http_requests_total",
            "HTTP requests",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.http_seconds = Histogram(
            "lvxiaoyu_http_request_seconds",
            "Time to answer an HTTP request",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.replies = Counter(
            "lvxiaoyu_replies_total",
            "Replies to residents",
            ["kind", "degraded"],
            registry=self.registry,
        )
        self.turn_seconds = Histogram(
            "lvxiaoyu_turn_seconds",
            "Time of a whole turn",
            ["degraded"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.dialogue_failures = Counter(
            "lvxiaoyu_dialogue_failures_total",
            "Turns the dialogue did not answer",
            ["reason"],
            registry=self.registry,
        )
        self.masked = Counter(
            "lvxiaoyu_masked_total", "Personal numbers masked", ["kind"], registry=self.registry
        )
        self.concerns = Counter(
            "lvxiaoyu_concerns_total",
            "Messages that told of danger, a fraud or an override",
            ["kind"],
            registry=self.registry,
        )
        self.store_failures = Counter(
            "lvxiaoyu_store_failures_total", "Turns that could not be stored", registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def watch_dialogue(self, *, restarts: Callable[[], int], ready: Callable[[], bool]) -> None:
        """Report the dialogue process's restarts and readiness, read when Prometheus asks."""
        self.registry.register(_DialogueFigures(restarts, ready))

    def render(self) -> bytes:
        return generate_latest(self.registry)


class _DialogueFigures:
    def __init__(self, restarts: Callable[[], int], ready: Callable[[], bool]) -> None:
        self._restarts, self._ready = restarts, ready

    def collect(self) -> Iterator[Metric]:
        restarts = CounterMetricFamily("lvxiaoyu_dialogue_restarts", "Restarts of the dialogue process")
        restarts.add_metric([], self._restarts())
        yield restarts
        yield GaugeMetricFamily("lvxiaoyu_dialogue_ready", "1 while the dialogue answers", int(self._ready()))
