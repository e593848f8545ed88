"""`python -m benchmarks [NAME …]`: measure, write the tables of docs/performance.md, print them.

`peers` is answered only where it is named: it installs what others record with, and its table is
one of docs/crewai.md.
"""

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import autolog, imports, ingest, otlp, page, peers, search, server, span
from benchmarks.figures import Row
from benchmarks.machine import describe, load, where
from benchmarks.tables import Column, Table, markdown, put, write

QUESTIONS: dict[str, Callable[[str], tuple[Row, ...]]] = {
    "server": server.measure,
    "imports": imports.measure,
    "page": page.measure,
    "span": span.measure,
    "ingest": ingest.measure,
    "otlp": otlp.measure,
    "search": search.measure,
    "autolog": autolog.measure,
}
PEERS = "peers"


def main() -> int:
    """Answer the questions that were asked; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*QUESTIONS, PEERS]))
    parser.add_argument(
        "--beside",
        metavar="PYTHON",
        help="measure with this interpreter too, as one more column; it has Telltale installed",
    )
    parser.add_argument("--dry", action="store_true", help="print, and leave the page as it is")
    options = parser.parse_args()
    if unknown := set(options.names) - {*QUESTIONS, PEERS}:
        parser.error(f"no question {sorted(unknown)}; there are {', '.join([*QUESTIONS, PEERS])}")
    if PEERS in options.names:
        _compare(options.dry)
    if options.names == [PEERS]:
        return 0
    return _measure([name for name in options.names if name != PEERS] or [*QUESTIONS], options)


def _compare(dry: bool) -> None:
    made = peers.compare(sys.executable, where())
    print(f"\n## {PEERS}\n\n{made}", flush=True)
    if not dry:
        put(PEERS, made, peers.PAGE)


def _measure(names: list[str], options: argparse.Namespace) -> int:
    pythons = [sys.executable] + ([options.beside] if options.beside else [])
    described = [(python, describe(python)) for python in pythons]
    place, tables = where(), []
    for name in names:
        began_s, before = time.perf_counter(), load()
        columns = tuple(Column(said, QUESTIONS[name](python)) for python, said in described)
        tables.append(Table(name, f"{place}, {before}", columns))
        took_s = time.perf_counter() - began_s
        print(f"\n## {name} ({took_s:.0f} s)\n\n{markdown(tables[-1])}", flush=True)
    if not options.dry:
        write(tables)
    missed = [row.what for table in tables for row in table.columns[0].rows if row.kept is False]
    for what in missed:
        print(f"missed: {what}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
