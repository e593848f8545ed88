"""What /proc tells of a process."""

import re
from pathlib import Path


def status(pid: int, field: str) -> int | None:
    """A number of /proc/<pid>/status as it stands there; None where the process has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = re.search(rf"^{field}:\s+(\d+)", text, re.MULTILINE)
    return int(found.group(1)) if found else None


def resident_bytes(pid: int) -> int | None:
    """Memory that a process holds now; None where it has ended."""
    kilobytes = status(pid, "VmRSS")
    return None if kilobytes is None else kilobytes * 1024
