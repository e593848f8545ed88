"""A bad address or home in the environment is said once and stands in nobody's way."""

from programs import run_program

BAD = "htp:/nowhere"


def test_the_program_can_still_name_a_good_one(home):
    program = run_program(
        "import telltale\n"
        "telltale.set_tracking_uri('http://127.0.0.1:9')\n"
        "print(telltale.get_tracking_uri())",
        home,
        BAD,
    )

    assert (program.returncode, program.stdout.strip()) == (0, "http://127.0.0.1:9")
    assert program.stderr.count("htp:/nowhere") == 1


def test_a_program_whose_user_has_no_home_is_recorded_all_the_same(home, tmp_path):
    program = run_program(
        """
        import os, pathlib, telltale
        with telltale.start_span("work"): pass
        """,
        home,
        "http://127.0.0.1:9",
        TELLTALE_HOME="~nosuchuser/x",
        TMPDIR=str(tmp_path),
    )

    (instead,) = tmp_path.glob("telltale-*")
    assert program.returncode == 0
    assert len(list((instead / "journal").glob("*.000000"))) == 1
    assert [str(instead) in line for line in program.warnings] == [True, True]
    assert "Set TELLTALE_HOME" in program.warnings[0]


def test_a_program_that_exits_well_inside_a_span_has_not_failed(home):
    program = run_program(
        "import sys, telltale\nwith telltale.start_span('work'): sys.exit(0)",
        home,
        "http://127.0.0.1:9",
    )

    assert program.recording.one.status == "unset"
