"""Of a trace's id the first digits are enough, wherever one is asked for."""

from msgspec.structs import replace

from journals import crew


def test_show_takes_the_first_digits_of_an_id(telltale, stored):
    trace_id = stored(crew(name="Named"))
    stored(crew(name="Newest"))

    assert "Named" in telltale("traces", "show", trace_id[:14]).stdout
    assert "Named" in telltale("traces", "show", f"tr-{trace_id[:14].upper()}").stdout
    nothing = telltale("traces", "show", "0" * 31)
    assert (nothing.returncode, nothing.stdout) == (3, "") and "begins so" in nothing.stderr
    few = telltale("traces", "show", "6b0")
    assert (few.returncode, few.stdout) == (2, "") and "at least 4 digits" in few.stderr


def test_whatever_takes_a_trace_takes_the_first_digits_of_its_id(telltale, stored):
    trace_id = stored(crew(name="Named"))
    few = trace_id[:12]

    for arguments, told in (
        (("feedback", "add", few, "helpful", "yes"), "added "),
        (("feedback", "list", few), "helpful = yes"),
        (("tags", "set", few, "env=prod"), "env=prod"),
        (("tags", "remove", few, "env"), "no tags"),
        (("traces", "export", "--trace", few), trace_id),
        (("traces", "list", "-f", f"trace:{few}*", "--json"), trace_id),
        (("traces", "delete", few, "--yes"), "deleted 1 trace"),
    ):
        done = telltale(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert told in done.stdout
    gone = telltale("traces", "delete", few)
    assert gone.returncode == 3 and "begins so" in gone.stderr and "--yes" not in gone.stderr


def test_show_does_not_guess_which_of_two_traces_is_meant(telltale, stored):
    twins = [replace(crew(), trace_id=bytes.fromhex(f"abcdef{n}" + "0" * 25)) for n in (1, 2)]
    stored(*twins)

    ended = telltale("traces", "show", "abcdef")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert all(twin.trace_id.hex() in ended.stderr for twin in twins)
