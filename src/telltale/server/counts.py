"""What the server has done since it started, for `/metrics`."""

import threading
from collections import Counter

COUNTERS = {
    "telltale_requests_total": "HTTP requests answered, by status.",
    "telltale_spans_total": "Spans stored, a start and its end in one piece counted once.",
    "telltale_damaged_total": "Stretches of journals and spans that nobody could use.",
    "telltale_writes_total": "Pieces of journals stored.",
    "telltale_live_streams": "Live streams open now.",
    "telltale_lost_spans_total": "Open spans whose process died or fell silent.",
    "telltale_found_spans_total": "Lost spans whose process was heard of again.",
    "telltale_liveness_retries_total": "Looks for silent processes that failed; the next followed.",
    "telltale_open_processes": "Processes with open spans.",
    "telltale_refused_total": "Pieces of journals that were sent away, by the kind of problem.",
    "telltale_intake_bytes": "Bytes of bodies that are being read or stored now.",
    "telltale_queue_bytes": "Bytes that wait for the thread that writes.",
    "telltale_queue_writes": "Writes that wait for it.",
    "telltale_adopted_total": "Segments of dead processes that were taken in from a folder.",
    "telltale_adoption_retries_total": "Times that a segment or folder had to be left for later.",
    "telltale_sdk_unwritten_total": "Records that the disk of a traced program refused.",
    "telltale_sdk_dropped_segments_total": "Segments that traced programs dropped over the bound.",
    "telltale_sdk_dropped_bytes_total": "Bytes of them.",
    "telltale_sdk_retries_total": "Posts that traced programs had to repeat.",
    "telltale_sdk_waiting_bytes": "Recorded by living programs and not acknowledged yet.",
}


class Counts:
    """Counters by name and label, raised from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[tuple[str, str]] = Counter({(name, ""): 0 for name in COUNTERS})

    def add(self, name: str, amount: int = 1, label: str = "") -> None:
        """Raise a counter; a label is written as Prometheus has it: `status="200"`."""
        with self._lock:
            self._values[name, label] += amount

    def set(self, name: str, value: int) -> None:
        """Say what a gauge stands at."""
        with self._lock:
            self._values[name, ""] = value

    def exposition(self) -> str:
        """All of them in Prometheus' text format."""
        with self._lock:
            values = sorted(self._values.items())
        lines = []
        for name, words in COUNTERS.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
            labelled = [(label, value) for (of, label), value in values if of == name]
            if len(labelled) > 1:
                labelled = [(label, value) for label, value in labelled if label]
            lines += [
                f"{name}{{{label}}} {value}" if label else f"{name} {value}"
                for label, value in labelled
            ]
        return "\n".join(lines) + "\n"
