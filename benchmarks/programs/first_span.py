"""A program that imports Telltale and makes one span, and tells what each brought in."""

import sys
import time


def now():
    """Modules, CPU and memory of this process at this moment; imports nothing that would count."""
    with open("/proc/self/status") as status:  # noqa: PTH123  pathlib would be counted
        resident = next(line for line in status if line.startswith("VmRSS"))
    return {
        "modules": len(sys.modules),
        "cpu_ms": time.process_time() * 1000,
        "resident_mb": int(resident.split()[1]) * 1024 / 1e6,
    }


told = {"nothing": now()}
import telltale  # noqa: E402

told["import"] = now()
with telltale.start_span("first"):
    pass
told["span"] = now()

import json  # noqa: E402

print(json.dumps(told))
