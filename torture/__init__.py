"""What Telltale survives, proven: one file an ordeal, one table each in docs/reliability.md."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
