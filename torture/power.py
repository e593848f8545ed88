"""Cut the power of a server's disk: what it had acknowledged is there when it comes back.

Beside it the same cuts of a database that is told not to wait for the disk: they must find that.
"""

from benchmarks.figures import COUNT, Row, row
from torture.powercut import is_possible, power_cuts
from torture.report import say

LONG, SHORT = 30, 2
"""Cuts."""


def endure(cuts: int, seed: int) -> tuple[Row, ...]:
    """So many cuts, and what was left.

    Raises:
        SystemExit: If file systems may not be mounted here.
    """
    if not is_possible():
        raise SystemExit("power: this needs the right to mount a file system (root, and mkfs.ext4)")
    done = []
    for cut in power_cuts(cuts, seed):
        done.append(cut)
        say(f"power: cut {len(done)} of {cuts}, {cut.acknowledged} acknowledged")
    careless = list(power_cuts(max(1, cuts // 5), seed, "PRAGMA synchronous=OFF"))
    return (
        row("cuts", cuts),
        row("spans acknowledged before a cut", sum(cut.acknowledged for cut in done)),
        row("… missing after it", sum(cut.missing for cut in done), COUNT, 0),
        row("databases that did not open, or not whole", sum(not c.opened for c in done), COUNT, 0),
        row("for comparison, synchronous=OFF: acknowledged", sum(c.acknowledged for c in careless)),
        row("… missing after a cut", sum(cut.missing for cut in careless)),
    )
