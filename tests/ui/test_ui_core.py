"""The pure half of the page: each rule, in the browser that runs it."""

import json

import pytest
from core_modules import STATIC, exports
from uifakes.columns import CREW, skeleton

from figures import MONEY

NO_TRACE = {"traceId": None, "span": None}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("us", "said"),
    [
        (None, "–"),
        (0, "0 µs"),
        (812, "812 µs"),
        (999.6, "1.00 ms"),
        (62_100, "62.1 ms"),
        (999_600, "1.00 s"),
        (1_240_000, "1.24 s"),
        (27_620_000, "27.6 s"),
        (59_960_000, "1 min 00 s"),
        (192_000_000, "3 min 12 s"),
        (3_840_000_000, "1 h 04 min"),
    ],
)
def test_durations_have_three_digits_and_a_unit(core, us, said):
    assert core("format", "duration(us)", us=us) == said


@pytest.mark.browser
@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, "–"),
        (0, "0"),
        (999, "999"),
        (1520, "1.52k"),
        (26_800, "26.8k"),
        (999_900, "1.00M"),
        (4_510_000, "4.51M"),
    ],
)
def test_tokens_have_three_digits(core, count, said):
    assert core("format", "tokens(count)", count=count) == said


@pytest.mark.browser
@pytest.mark.parametrize(("usd", "unpriced", "said"), MONEY)
def test_an_unknown_cost_is_not_free_and_a_partial_one_is_a_bound(core, usd, unpriced, said):
    assert core("format", "cost(usd, unpriced)", usd=usd, unpriced=unpriced) == said


@pytest.mark.browser
def test_moments_follow_the_language(core):
    us = 1_764_000_000_000_000
    assert "Nov" in core("format", "moment(us, 'en')", us=us)
    assert "2025年11月24日" in core("format", "moment(us, 'zh')", us=us)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("kept", "wanted", "chosen"),
    [
        ("zh", ["en-GB"], "zh"),
        (None, ["zh-TW", "en"], "zh"),
        (None, ["fr", "en"], "en"),
        (None, ["fr"], "en"),
        ("xx", ["zh"], "zh"),
    ],
)
def test_the_language_is_the_kept_one_else_the_browsers(core, kept, wanted, chosen):
    assert (
        core("language", "chooseLanguage(kept, wanted, ['en', 'zh'])", kept=kept, wanted=wanted)
        == chosen
    )


@pytest.mark.browser
def test_a_message_takes_its_values_and_its_plural(core):
    message = "{n} span of {name}|{n} spans of {name}"
    said = core(
        "language", "[1, 2].map((n) => fill(message, 'en', { n, name: 'A' }))", message=message
    )
    assert said == ["1 span of A", "2 spans of A"]


@pytest.mark.browser
def test_a_patch_replaces_rows_by_ordinal_though_its_base_differs(core):
    patch = skeleton([(3, 2, "llm", "answer", 0, 2, -10, 99, 1, -1)], base=2000)
    merged = core(
        "skeleton",
        "[...merge(merge(new Map(), known), patch).values()]"
        ".map((row) => [row.ordinal, row.start, row.status])",
        known=CREW,
        patch=patch,
    )

    assert len(merged) == 7
    assert merged[3] == [3, 1990, "error"]
    assert merged[4] == [4, 1010, "ok"]


@pytest.mark.browser
def test_a_tools_answer_stands_with_its_call(core):
    messages = [
        {
            "role": "assistant",
            "parts": [
                {"type": "tool_call", "name": "f", "id": "1"},
                {"type": "tool_call", "name": "g", "id": "2"},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "one"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "9", "response": "stray"}]},
    ]
    turns = core("conversation", "converse(messages)", messages=messages)

    assert [turn["role"] for turn in turns] == ["assistant", "tool"]
    assert [part.get("result", {}).get("response") for part in turns[0]["parts"]] == ["one", None]


@pytest.mark.browser
def test_long_text_is_clipped_at_forty_lines_and_a_long_line_counts_as_several(core):
    lines = "\n".join(str(n) for n in range(60))
    assert core("clip", "clip(text).text", text=lines).count("\n") == 39
    assert core("clip", "clip(text).clipped", text="\n".join(["x"] * 40)) is False
    assert len(core("clip", "clip(text).text", text="x" * 10_000)) == 40 * 96


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"origin": "California", "n": 2}', "origin: California, n: 2"),
        ('{"origin": "Calif', "origin: Calif"),
        ('[{"source":"A","n":"B"}]', "source: A, n: B"),
        ('[{"role": "user"}]', "role: user"),
        ("Find {city}", "Find {city}"),
        ('"quoted" words', '"quoted" words'),
    ],
)
def test_a_preview_of_json_shows_words_rather_than_signs(core, text, said):
    assert core("preview", "preview(text)", text=text) == said


@pytest.mark.browser
@pytest.mark.parametrize(
    ("address", "mount", "route"),
    [
        ("http://h/", "/", {"page": "list"}),
        ("http://h/traces?experiment=2", "/", {"page": "list", "experiment": "2"}),
        ("http://h/traces?filter=a:b+-%22c+d%22", "/", {"page": "list", "filter": 'a:b -"c d"'}),
        ("http://h/traces?filter=+", "/", {"page": "list"}),
        (
            "http://h/traces?sort=cost&order=asc",
            "/",
            {"page": "list", "sort": "cost", "order": "asc"},
        ),
        ("http://h/traces?sort=toString&order=up", "/", {"page": "list"}),
        (
            "http://h/traces/tr-ab#span=0c0c0c0c0c0c0c0c",
            "/",
            {"page": "trace", "traceId": "ab", "span": "0c" * 8},
        ),
        (
            "http://h/sub/traces/ab?filter=x",
            "/sub/",
            {"page": "trace", "traceId": "ab", "filter": "x"},
        ),
        ("http://h/other", "/", {"page": "missing"}),
    ],
)
def test_addresses_are_read(core, address, mount, route):
    nothing = {"experiment": None, "filter": "", "sort": "start", "order": "desc"} | NO_TRACE
    read = core("route", "readRoute(address, mount)", address=address, mount=mount)
    assert read == nothing | route


@pytest.mark.browser
@pytest.mark.parametrize(
    ("scope", "address"),
    [
        ({}, "/traces"),
        ({"experiment": "Holiday planning"}, "/traces?experiment=Holiday+planning"),
        ({"filter": "status:error cost:>0.02"}, "/traces?filter=status:error+cost:%3E0.02"),
        ({"sort": "cost"}, "/traces?sort=cost"),
        ({"order": "asc"}, "/traces?order=asc"),
        ({"experiment": "1", "filter": 'a&b=c+d#"東京" 😀 50%', "sort": "tokens"}, None),
    ],
)
def test_addresses_hold_which_traces_are_listed_and_how(core, scope, address):
    scope = {"experiment": None, "filter": "", "sort": "start", "order": "desc"} | scope
    listed, traced = core(
        "route",
        """[listAddress("/", scope), traceAddress("/", "ab", scope, "0c".repeat(8))]
            .map((path) => [path, readRoute(`http://h${path}`, "/")])""",
        scope=scope,
    )
    assert address in (None, listed[0])
    assert listed[1] == {"page": "list"} | NO_TRACE | scope
    assert traced[1] == {"page": "trace", "traceId": "ab", "span": "0c" * 8} | scope


def test_core_touches_no_document():
    forbidden = ("document", "window.", "fetch(", "localStorage", "preact", "location.")
    found = [
        (path.name, word)
        for path in (STATIC / "core").glob("*.js")
        for word in forbidden
        if word in path.read_text()
    ]
    assert found == []


def test_exports_are_found_by_this_test():
    assert json.dumps(exports("clip")) == '"LINES, clip"'


@pytest.mark.parametrize(
    ("us", "state", "said"),
    [(1_240_000, "ended", "1.24 s"), (1_240_000, "lost", "≥ 1.24 s"), (None, "lost", "–")],
)
def test_what_was_lost_may_have_gone_on(core, us, state, said):
    assert core("format", "lasted(us, state)", us=us, state=state) == said
