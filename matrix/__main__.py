"""`python -m matrix [VERSION …]`: what crewAI can do, on every version, and what its trace misses.

Writes the table of docs/crewai.md. A version that is not installed yet is, into .venv/crewai.
"""

import argparse
import sys

from matrix.report import PAGE, say, table, write
from matrix.rounds import run
from matrix.variants import names
from matrix.versions import VERSIONS


def main() -> int:
    """Judge all that was named; 1 if something is wrong on the newest version."""
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=", ".join(VERSIONS))
    parser.add_argument("--only", nargs="+", metavar="VARIANT", help=", ".join(names()))
    parser.add_argument("--dry", action="store_true", help="print, and leave the page as it is")
    options = parser.parse_args()
    wanted = options.only or names()
    found = {}
    for version in options.versions or VERSIONS:
        say(f"{version}: {len(wanted)} variants")
        found[version] = run(version, wanted)
        for verdict in found[version]:
            for wrong in verdict.wrong:
                say(f"{version} {verdict.name}: {wrong}")
    print(table(found))
    if not (options.dry or options.only):
        write(table(found), PAGE)
    return int(any(verdict.wrong for verdict in list(found.values())[-1]))


if __name__ == "__main__":
    sys.exit(main())
