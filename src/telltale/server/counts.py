"""What the server has done since it started, for `/metrics`."""

import threading
from collections import Counter

COUNTERS = {
    "telltale_requests_total": "HTTP requests answered, by status.",
    "telltale_spans_total": "Spans stored, a start and its end in one piece counted once.",
    "telltale_damaged_total": "Stretches of journals and spans that nobody could use.",
    "telltale_writes_total": "Pieces of journals stored.",
    "telltale_live_streams": "Live streams open now.",
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
