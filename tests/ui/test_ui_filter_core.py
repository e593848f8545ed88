"""What the page makes of a filter that the server refused."""

import msgspec
import pytest

from telltale.query.parse import BadFilter, parse
from telltale.server.problems import problem_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("latncy:>5s", 0, "latncy"),
        ("-tga.env:prod", 1, "tga"),
        ("status:eror", 7, "eror"),
        ("status:eror:x y", 7, "eror:x"),
        ("status:(ok OR eror)", 14, "eror"),
        (r'kind:"l\" m" x', 5, r'"l\" m"'),
        ("😀 statsu:ok", 2, "statsu"),
        ("duration:5s..x", 13, "x"),
        ('late "open one', 5, '"open one'),
        ("a )", 2, ")"),
        ("(late OR", 8, ""),
    ],
)
def test_the_place_in_a_bad_filter_is_that_of_a_word(core, text, position, word):
    seen = core("filter", "excerpt(text, position)", text=text, position=position)
    assert (seen["before"], seen["word"]) == (text[:position], word)
    replaced = core("filter", "replaceWord(text, position, '!')", text=text, position=position)
    assert replaced == f"{text[:position]}!{text[position + len(word) :]}"


def test_of_a_long_filter_only_the_neighbourhood_of_its_fault_is_shown(core):
    text = "😀" * 100 + " latncy:x " + "😀" * 100
    assert core("filter", "excerpt(text, 101)", text=text) == {
        "before": "…" + "😀" * 39 + " ",
        "word": "latncy",
        "after": ":x " + "😀" * 37 + "…",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latncy:>5s", "There is no field 'latncy'"),
        ("x: at character 1, y; expected z", "There is no field 'x'"),
        ("status:eror", "'eror' is no value of 'status'"),
    ],
)
def test_what_is_wrong_with_a_filter_is_said_without_repeating_it(core, text, said):
    with pytest.raises(BadFilter) as bad:
        parse(text)
    problem = msgspec.to_builtins(problem_of(bad.value))
    assert core("filter", "complaint(problem)", problem=problem) == said
    problem["detail"] = "of another form"
    assert core("filter", "complaint(problem)", problem=problem) == "of another form"
