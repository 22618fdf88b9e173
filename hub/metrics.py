"""What Prometheus may know: counts and durations, never who or what was said."""

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

LANES = ("answer", "proactive", "mailing")
"""Names of storage.tables.ledger's lanes, by their number."""

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One process's figures, in a registry of their own so that two hubs in one process do not mix."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        own = self.registry
        self._events = Counter("hub_events", "Events heard, by messenger.", ["messenger"], registry=own)
        self._deliveries = Counter(
            "hub_deliveries", "Cards settled, by what became of them.", ["messenger", "lane", "state"], registry=own
        )
        self._seconds = Histogram(
            "hub_send_seconds",
            "Seconds a messenger took to answer.",
            ["messenger"],
            buckets=SECONDS,
            registry=own,
        )
        self._depth = Gauge("hub_queue_deliveries", "Deliveries not settled yet, by state.", ["state"], registry=own)
        self._oldest = Gauge("hub_queue_oldest_seconds", "How long the oldest due delivery has waited.", registry=own)
        self._ticks = Counter("hub_ticks", "Times the ticker woke a job.", ["job"], registry=own)
        self._content = Gauge("hub_content", "1 for the version of content in force.", ["version"], registry=own)
        self._parts = Gauge("hub_part_up", "1 while a part of the hub works, else 0.", ["part"], registry=own)

    def heard(self, messenger: str, count: int = 1) -> None:
        self._events.labels(messenger).inc(count)

    def settled(self, messenger: str, lane: int, state: str) -> None:
        """`state` as in the ledger: accepted, failed, uncertain, cancelled, expired, or `later` for a retry."""
        self._deliveries.labels(messenger, LANES[lane], state).inc()

    def sent(self, messenger: str, took: timedelta) -> None:
        self._seconds.labels(messenger).observe(took.total_seconds())

    def queue(self, depth: Mapping[str, int], oldest: timedelta) -> None:
        """Deliveries by state, all that are not settled; `oldest` is zero when nothing is due."""
        self._depth.clear()
        for state, count in depth.items():
            self._depth.labels(state).set(count)
        self._oldest.set(oldest.total_seconds())

    def ticked(self, job: str) -> None:
        self._ticks.labels(job).inc()

    def content(self, version: str) -> None:
        self._content.clear()
        self._content.labels(version).set(1)

    def part(self, name: str, ok: bool) -> None:
        self._parts.labels(name).set(ok)

    def page(self) -> bytes:
        """Everything, in the text format Prometheus reads."""
        return generate_latest(self.registry)
