"""What the server has done since it started, for `/metrics`."""

import threading
from collections import Counter
from enum import StrEnum
from typing import Self


class Count(StrEnum):
    """What is counted, by its name in the exposition, with the words that explain it there."""

    words: str

    def __new__(cls, name: str, words: str) -> Self:
        """A name that knows its words."""
        count = str.__new__(cls, name)
        count._value_ = name
        count.words = words
        return count

    REQUESTS = "telltale_requests_total", "HTTP requests answered, by status."
    SPANS = "telltale_spans_total", "Spans stored, a start and its end in one piece counted once."
    DAMAGED = "telltale_damaged_total", "Stretches of journals and spans that nobody could use."
    WRITES = "telltale_writes_total", "Pieces of journals and OTLP requests stored."
    LOGS = (
        "telltale_otlp_logs_total",
        "Log records that came by OTLP: GenAI events, and others, which are not kept.",
    )
    METRICS = "telltale_otlp_metrics_total", "Metrics that came by OTLP and were not kept."
    LIVE_STREAMS = "telltale_live_streams", "Live streams open now."
    LOST_SPANS = "telltale_lost_spans_total", "Open spans whose process died or fell silent."
    FOUND_SPANS = "telltale_found_spans_total", "Lost spans whose process was heard of again."
    LIVENESS_RETRIES = (
        "telltale_liveness_retries_total",
        "Looks for silent processes that failed; the next followed.",
    )
    HOME_RETRIES = (
        "telltale_home_retries_total",
        "Times that the home's lock could not be taken again; a look followed.",
    )
    RETIRED = "telltale_retired_total", "Traces deleted because their experiment keeps no more."
    RETENTION_RETRIES = (
        "telltale_retention_retries_total",
        "Looks for traces that are kept no longer that failed; the next followed.",
    )
    OPEN_PROCESSES = "telltale_open_processes", "Processes with open spans."
    REFUSED = (
        "telltale_refused_total",
        "Pieces of journals and OTLP requests that were sent away, by the kind of problem.",
    )
    INTAKE_BYTES = "telltale_intake_bytes", "Bytes of bodies that are being read or stored now."
    QUEUE_BYTES = "telltale_queue_bytes", "Bytes that wait for the thread that writes."
    QUEUE_WRITES = "telltale_queue_writes", "Writes that wait for it."
    ADOPTED = (
        "telltale_adopted_total",
        "Segments of dead processes that were taken in from a folder.",
    )
    ADOPTION_RETRIES = (
        "telltale_adoption_retries_total",
        "Times that a segment or folder had to be left for later.",
    )
    SDK_UNWRITTEN = (
        "telltale_sdk_unwritten_total",
        "Records that the disk of a traced program refused.",
    )
    SDK_DROPPED_SEGMENTS = (
        "telltale_sdk_dropped_segments_total",
        "Segments that traced programs dropped over the bound.",
    )
    SDK_DROPPED_BYTES = "telltale_sdk_dropped_bytes_total", "Bytes of them."
    SDK_RETRIES = "telltale_sdk_retries_total", "Posts that traced programs had to repeat."
    SDK_WAITING_BYTES = (
        "telltale_sdk_waiting_bytes",
        "Recorded by living programs and not acknowledged yet.",
    )


class Counts:
    """Counters by name and label, raised from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[tuple[Count, str]] = Counter({(what, ""): 0 for what in Count})

    def add(self, what: Count, amount: int = 1, label: str = "") -> None:
        """Raise a counter; a label is written as Prometheus has it: `status="200"`."""
        with self._lock:
            self._values[what, label] += amount

    def set(self, what: Count, value: int) -> None:
        """Say what a gauge stands at."""
        with self._lock:
            self._values[what, ""] = value

    def exposition(self) -> str:
        """All of them in Prometheus' text format."""
        with self._lock:
            values = sorted(self._values.items())
        lines = []
        for name in Count:
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {name.words}", f"# TYPE {name} {kind}"]
            labelled = [(label, value) for (of, label), value in values if of == name]
            if len(labelled) > 1:
                labelled = [(label, value) for label, value in labelled if label]
            lines += [
                f"{name}{{{label}}} {value}" if label else f"{name} {value}"
                for label, value in labelled
            ]
        return "\n".join(lines) + "\n"
