"""`telltale traces delete`, through its own door."""

import os
import pty
import subprocess
import sys

from journals import crew

COMMAND = (sys.executable, "-m", "telltale.cli", "traces", "delete")


def listed(telltale, experiment):
    return telltale("traces", "list", "-e", experiment, "--json").stdout.count('"trace_id"')


def test_traces_go_by_id_and_by_filter(telltale, stored):
    one = stored(crew(experiment="going"))
    stored(crew(experiment="going"), crew(experiment="going"))

    by_id = telltale("traces", "delete", one, "--yes")
    by_filter = telltale("traces", "delete", "-e", "going", "-f", "kind:crew", "--yes", "--json")

    assert (by_id.returncode, by_id.stdout) == (0, "deleted 1 trace\n")
    assert (by_filter.returncode, by_filter.stdout) == (0, '{"traces":2}\n')
    assert listed(telltale, "going") == 0


def test_nothing_goes_where_nobody_can_be_asked(telltale, stored):
    one = stored(crew(experiment="staying"))

    unasked = telltale("traces", "delete", one)
    unsaid = telltale("traces", "delete", "--yes")
    both = telltale("traces", "delete", one, "-f", "kind:crew", "--yes")

    assert unasked.returncode != 0 and "--yes" in unasked.stderr
    assert unsaid.returncode != 0 and "which traces" in unsaid.stderr
    assert both.returncode != 0 and "not both" in both.stderr
    assert listed(telltale, "staying") == 1


def test_a_person_is_asked_and_told_how_many(server, telltale, stored):
    stored(crew(experiment="asked"), crew(experiment="asked"))

    for answer, left in ((b"n\n", 2), (b"y\n", 0)):
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        ended = subprocess.run(
            [*COMMAND, "-e", "asked"],
            stdin=theirs,
            capture_output=True,
            text=True,
            env=os.environ | {"TELLTALE_TRACKING_URI": server.base_url},
        )
        os.close(theirs)
        os.close(ours)
        assert "Delete 2 traces for good?" in ended.stdout + ended.stderr
        assert listed(telltale, "asked") == left
