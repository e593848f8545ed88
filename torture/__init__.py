"""What Telltale survives, proven: one file an ordeal, one table each in docs/reliability.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The servers and the waits of the tests serve here as well: nothing is written twice.
if str(ROOT / "tests") not in sys.path:
    sys.path.append(str(ROOT / "tests"))
