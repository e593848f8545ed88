"""`telltale feedback`, `tags` and `experiments`, through their own door."""

import json

from journals import crew


def test_feedback_is_added_listed_found_and_removed(telltale, stored):
    trace = stored(crew(experiment="judged"))

    added = telltale("feedback", "add", trace, "helpful", "0.4", "-r", "too slow", "--json")
    word = telltale("feedback", "add", f"tr-{trace}", "mood", "yes", "--source-id", "ann")
    listed = telltale("feedback", "list", trace)
    found = telltale("traces", "list", "-e", "judged", "-f", "feedback.helpful:<0.5", "--json")

    assert (added.returncode, word.returncode) == (0, 0), added.stderr + word.stderr
    said = json.loads(added.stdout)
    assert (said["value"], said["rationale"], said["source"]) == (0.4, "too slow", "human")
    first, second = listed.stdout.splitlines()
    assert first.startswith(said["feedback_id"]) and "helpful = 0.4 (human): too slow" in first
    assert "mood = yes (human ann)" in second
    assert len(json.loads(found.stdout)) == 1
    assert telltale("feedback", "remove", trace, said["feedback_id"]).returncode == 0
    assert len(json.loads(telltale("feedback", "list", trace, "--json").stdout)) == 1


def test_yes_and_no_are_found(telltale, stored):
    liked, disliked, _ = (stored(crew(experiment="liked")) for _ in range(3))
    for trace, value in ((liked, "yes"), (disliked, "no")):
        telltale("feedback", "add", trace, "liked", value)

    def ids(value):
        said = telltale("traces", "list", "-f", f"feedback.liked:{value}", "--json")
        return {trace["trace_id"] for trace in json.loads(said.stdout)}

    assert (ids("yes"), ids("true"), ids("no")) == ({liked}, {liked}, {disliked})
    assert ids("*") == {liked, disliked}


def test_feedback_is_removed_by_its_name_where_one_has_it(telltale, stored):
    trace = stored(crew())
    for name in ("helpful", "mood", "mood"):
        telltale("feedback", "add", trace, name, "1")

    gone, several, none = (
        telltale("feedback", "remove", trace, name) for name in ("helpful", "mood", "hepful")
    )

    assert (gone.returncode, gone.stdout) == (0, "removed\n")
    assert several.returncode == 2 and "the id of one" in several.stderr
    assert none.returncode == 3 and "there is mood" in none.stderr
    assert len(json.loads(telltale("feedback", "list", trace, "--json").stdout)) == 2


def test_a_tag_that_is_not_there_cannot_be_removed(telltale, stored):
    trace = stored(crew())
    telltale("tags", "set", trace, "env=prod")

    ended = telltale("tags", "remove", trace, "env", "zzz")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no tag 'zzz'; it has env" in ended.stderr
    assert telltale("tags", "remove", trace, "env").stdout == "no tags\n"


def test_the_list_is_sorted_as_is_asked(telltale, stored):
    low, high = (stored(crew(experiment="ranked")) for _ in range(2))
    for trace, value in ((high, "0.9"), (low, "0.1")):
        telltale("feedback", "add", trace, "helpful", value)

    def ids(*arguments):
        said = telltale("traces", "list", "-e", "ranked", "--json", *arguments)
        return [trace["trace_id"] for trace in json.loads(said.stdout)]

    assert ids("--sort", "feedback.helpful") == [high, low]
    assert ids("--sort", "feedback.helpful", "--reverse") == [low, high]
    bad = telltale("traces", "list", "--sort", "cots")
    assert bad.returncode == 2 and "did you mean 'cost'" in bad.stderr


def test_feedback_on_what_is_not_there_is_refused(telltale):
    ended = telltale("feedback", "add", "1" * 32, "helpful", "1")

    assert ended.returncode == 3
    assert "not stored here" in ended.stderr


def test_tags_are_set_and_removed(telltale, stored):
    trace = stored(crew(experiment="tagged"))

    given = telltale("tags", "set", trace, "env=prod", "note=a=b")
    taken = telltale("tags", "remove", trace, "env")
    bad = telltale("tags", "set", trace, "env")

    assert given.stdout == "env=prod  note=a=b\n"
    assert taken.stdout == "note=a=b\n"
    assert bad.returncode == 2 and "KEY=VALUE" in bad.stderr


def test_experiments_are_listed_with_their_traces(telltale, stored):
    stored(crew(experiment="東京の実験"))

    told = telltale("experiments", "list")
    as_json = json.loads(telltale("experiments", "list", "--json").stdout)

    heads, *rows = told.stdout.splitlines()
    assert heads.split() == ["ID", "TRACES", "KEPT", "NAME"]
    assert any(row.split()[1:] == ["1", "for", "ever", "東京の実験"] for row in rows)
    assert {"id": 0, "name": "Default"}.items() <= as_json[0].items()


def test_an_experiment_is_told_how_much_to_keep(telltale, stored):
    stored(crew(experiment="kept / 東京"))

    told = telltale("experiments", "keep", "kept / 東京", "--days", "30", "--gib", "0.5")
    as_json = telltale("experiments", "keep", "kept / 東京", "--forever", "--json")
    unsaid = telltale("experiments", "keep", "kept / 東京")
    nobody = telltale("experiments", "keep", "nothing of that name", "--days", "1")

    assert told.stdout == "kept / 東京: kept 30 days, 0.5 GiB\n"
    assert json.loads(as_json.stdout)["keep_days"] is None
    assert unsaid.returncode == 2 and "--forever" in unsaid.stderr
    assert nobody.returncode == 3
