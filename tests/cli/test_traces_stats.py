"""`telltale traces stats`, through its own door."""

import json

from journals import crew, llm_call


def test_stats_sum_up_by_a_field_and_by_time(telltale, stored):
    root = crew(experiment="summed")
    stored(root, llm_call(root))

    whole = telltale("traces", "stats", "-e", "summed")
    by_model = telltale("traces", "stats", "-e", "summed", "--by", "model", "--every", "1d")
    told = telltale("traces", "stats", "-e", "summed", "--json")
    none = telltale("traces", "stats", "-e", "summed", "-f", "user:nobody")
    bad = telltale("traces", "stats", "--by", "modl")

    heads, figures = whole.stdout.splitlines()
    assert heads.split() == ["TRACES", "SPANS", "ERRORS", "TOKENS", "COST", "P50", "P95", "P99"]
    assert figures.split()[:3] == ["1", "2", "0"]
    heads, figures = by_model.stdout.splitlines()
    assert heads.split()[:4] == ["FROM", "(UTC)", "MODEL", "TRACES"]
    assert "gpt-4.1-mini" in figures
    assert json.loads(told.stdout)["sums"][0]["traces"] == 1
    assert (none.returncode, none.stdout) == (0, "")
    assert "no traces" in none.stderr
    assert bad.returncode != 0 and "did you mean 'model'" in bad.stderr


def test_a_day_begins_at_midnight_of_utc_wherever_it_is_read(telltale, stored):
    stored(crew(experiment="far"))

    told = telltale("traces", "stats", "-e", "far", "--every", "1d", TZ="Asia/Shanghai")

    assert told.stdout.splitlines()[1].split()[1] == "00:00"
