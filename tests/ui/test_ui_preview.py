"""The Input column: JSON is shown by its words, and whatever is no JSON word for word."""

import pytest
from playwright.sync_api import expect
from uifakes.crew import Line
from uifakes.scenes import TRIP_ID
from uifakes.stored import Stored

from telltale.nouns.span import Kind

PREVIEWS = [
    ("[[say:hi]] hello", "[[say:hi]] hello"),
    ("{{name}}: write a poem", "{{name}}: write a poem"),
    ("[draft] please", "[draft] please"),
    ('["one", two]', '["one", two]'),
    ('{"a": 1} and more', '{"a": 1} and more'),
    ('["quoted" words] first', '["quoted" words] first'),
    ("[1] is the source", "[1] is the source"),
    ("[1", "[1"),
    ("{", "{"),
    ("{}", "{}"),
    ("[[]]", "[]"),
    ('{"n":0,"text":"Zeile"}', "n: 0, text: Zeile"),
    ('{"deep":true,"gone":null,"x":-1.5e3}', "deep: true, gone: null, x: -1.5e3"),
    ('{"list":[1,2,{"a":"b"}],"o":{"k":[]},"z":1}', "list: 1, 2, a: b, o: k: [], z: 1"),
    ('["a","b"]', "a, b"),
    ("[1, 2]", "1, 2"),
    (r'{"path":"C:\\new","say":"\"hi\", \u4e1c\n京"}', 'path: C:\\new, say: "hi", 东 京'),
    ('{"a":"first, second: third"}', "a: first, second: third"),
    ('{"origin":"Calif…', "origin: Calif…"),
    (r'{"origin":"Calif\…', "origin: Calif…"),
    (r'{"origin":"Calif\u4e…', "origin: Calif…"),
    ('{"origin":…', "origin: …"),
    ('{"origin":"A",…', "origin: A, …"),
    ('{"origin":"A","n":12…', "origin: A, n: 12…"),
    ('{"origin":"A","ye…', "origin: A, ye…"),
    ('[{"role":"user","content":"hi', "role: user, content: hi"),
]


@pytest.mark.browser
@pytest.mark.parametrize(("text", "said"), PREVIEWS)
def test_json_is_shown_by_its_words_and_all_else_as_it_is(idle_page, text, said):
    found = idle_page.evaluate(
        """async (text) => {
            const base = document.querySelector('script[src]').src.replace('main.js', 'core/');
            return (await import(base + 'preview.js')).preview(text);
        }""",
        text,
    )
    assert found == said


@pytest.mark.browser
def test_the_list_shows_a_prompt_in_brackets_whole(server, open_page):
    trace = Stored(TRIP_ID, 1_700_000_000_000_000)
    line = Line(0, Kind.CREW, "Crew", "", 0, 900, {"inputs": "[[say:hi]] hello"})
    trace.add([line], server.next_seq())
    server.store(trace)
    page = open_page("/")

    expect(page.locator(".trace-row .cell-input")).to_have_text("[[say:hi]] hello")
