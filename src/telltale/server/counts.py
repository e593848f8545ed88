"""What the server has done since it started, for `/metrics`."""

import threading
from collections import Counter
from enum import StrEnum


class Count(StrEnum):
    """What is counted, by its name in the exposition."""

    REQUESTS = "telltale_requests_total"
    SPANS = "telltale_spans_total"
    DAMAGED = "telltale_damaged_total"
    WRITES = "telltale_writes_total"
    LIVE_STREAMS = "telltale_live_streams"
    LOST_SPANS = "telltale_lost_spans_total"
    FOUND_SPANS = "telltale_found_spans_total"
    LIVENESS_RETRIES = "telltale_liveness_retries_total"
    HOME_RETRIES = "telltale_home_retries_total"
    OPEN_PROCESSES = "telltale_open_processes"
    REFUSED = "telltale_refused_total"
    INTAKE_BYTES = "telltale_intake_bytes"
    QUEUE_BYTES = "telltale_queue_bytes"
    QUEUE_WRITES = "telltale_queue_writes"
    ADOPTED = "telltale_adopted_total"
    ADOPTION_RETRIES = "telltale_adoption_retries_total"
    SDK_UNWRITTEN = "telltale_sdk_unwritten_total"
    SDK_DROPPED_SEGMENTS = "telltale_sdk_dropped_segments_total"
    SDK_DROPPED_BYTES = "telltale_sdk_dropped_bytes_total"
    SDK_RETRIES = "telltale_sdk_retries_total"
    SDK_WAITING_BYTES = "telltale_sdk_waiting_bytes"


WORDS = {
    Count.REQUESTS: "HTTP requests answered, by status.",
    Count.SPANS: "Spans stored, a start and its end in one piece counted once.",
    Count.DAMAGED: "Stretches of journals and spans that nobody could use.",
    Count.WRITES: "Pieces of journals stored.",
    Count.LIVE_STREAMS: "Live streams open now.",
    Count.LOST_SPANS: "Open spans whose process died or fell silent.",
    Count.FOUND_SPANS: "Lost spans whose process was heard of again.",
    Count.LIVENESS_RETRIES: "Looks for silent processes that failed; the next followed.",
    Count.HOME_RETRIES: "Times that the home's lock could not be taken again; a look followed.",
    Count.OPEN_PROCESSES: "Processes with open spans.",
    Count.REFUSED: "Pieces of journals that were sent away, by the kind of problem.",
    Count.INTAKE_BYTES: "Bytes of bodies that are being read or stored now.",
    Count.QUEUE_BYTES: "Bytes that wait for the thread that writes.",
    Count.QUEUE_WRITES: "Writes that wait for it.",
    Count.ADOPTED: "Segments of dead processes that were taken in from a folder.",
    Count.ADOPTION_RETRIES: "Times that a segment or folder had to be left for later.",
    Count.SDK_UNWRITTEN: "Records that the disk of a traced program refused.",
    Count.SDK_DROPPED_SEGMENTS: "Segments that traced programs dropped over the bound.",
    Count.SDK_DROPPED_BYTES: "Bytes of them.",
    Count.SDK_RETRIES: "Posts that traced programs had to repeat.",
    Count.SDK_WAITING_BYTES: "Recorded by living programs and not acknowledged yet.",
}


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
            lines += [f"# HELP {name} {WORDS[name]}", f"# TYPE {name} {kind}"]
            labelled = [(label, value) for (of, label), value in values if of == name]
            if len(labelled) > 1:
                labelled = [(label, value) for label, value in labelled if label]
            lines += [
                f"{name}{{{label}}} {value}" if label else f"{name} {value}"
                for label, value in labelled
            ]
        return "\n".join(lines) + "\n"
