"""`python -m torture [--short] [NAME …]`: put Telltale to it, and print what it has survived.

A long run writes the tables of docs/reliability.md; a short one is what `make test` runs.
"""

import argparse
import sys
import time

from benchmarks.machine import describe, load, where
from benchmarks.tables import Table, markdown, write
from torture import burst, kills, power, restarts, soak
from torture.report import PAGE, missed, say, table

ORDEALS = {
    module.__name__.rpartition(".")[2]: module for module in (kills, restarts, power, burst, soak)
}
"""By name; each has `endure`, given a length and the seed of everything that is left to chance."""


def main() -> int:
    """Go through the ordeals that were named; 1 if a promise was not kept."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ORDEALS))
    parser.add_argument("--short", action="store_true", help="as `make test` does; write no page")
    parser.add_argument("--dry", action="store_true", help="print, and leave the page as it is")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of all that is chance")
    options = parser.parse_args()
    if unknown := set(options.names) - ORDEALS.keys():
        parser.error(f"no ordeal {sorted(unknown)}; there are {', '.join(ORDEALS)}")
    say(f"seed {options.seed}")
    tables: list[Table] = []
    failures: list[str] = []
    for name in options.names or ORDEALS:
        began_s, before = time.perf_counter(), load()
        ordeal = ORDEALS[name]
        rows = ordeal.endure(ordeal.SHORT if options.short else ordeal.LONG, options.seed)
        place = f"{where()}, {before}, seed {options.seed}"
        tables.append(table(name, place, describe(sys.executable), rows))
        took_s = time.perf_counter() - began_s
        print(f"\n## {name} ({took_s:.0f} s)\n\n{markdown(tables[-1])}", flush=True)
        failures += [f"{name}: {what}" for what in missed(rows, is_short=options.short)]
        if not (options.short or options.dry):
            # At once: what comes after it may take an hour.
            write(tables[-1:], PAGE)
    for what in failures:
        print(f"failed: {what}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
