"""What is offered of the server's answer, and what the filter is once something is chosen."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_ui_static import table

from telltale.query.complete import choices_like, spot
from telltale.query.fields import FIELDS
from telltale.query.values import EXPECTED

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "chosen", "written"),
    [
        ("|", "status:", "status:|"),
        ("late -sta|", "status:", "late -status:|"),
        ("sta|tus:ok", "status:", "status:|ok"),
        ("(cr|", "crew:", "(crew:|"),
        ("ta|g.env:x", "tag.", "tag.|env:x"),
        ("tag.e|", 'tag."my env":', 'tag."my env":|'),
        ("crew:Tr|", "TripCrew", "crew:TripCrew |"),
        ("crew:Tr| late", "TripCrew", "crew:TripCrew |late"),
        ("(crew:Tr|)", "TripCrew", "(crew:TripCrew|)"),
        ("crew:Tr|avel x", "TripCrew", "crew:TripCrew |x"),
        ("crew:(Trip OR Re|)", "Research", "crew:(Trip OR Research|)"),
        ('-crew:("Trip plan" OR Re|s', "Research", '-crew:("Trip plan" OR Research |'),
        ("crew:(Trip) sta|", "status:", "crew:(Trip) status:|"),
        ('crew:"Trip p|lan" x', '"Trip plan"', 'crew:"Trip plan" |x'),
        ("😀 東京 crew:|", "a", "😀 東京 crew:a |"),
    ],
)
def test_what_is_chosen_takes_the_place_of_the_word_at_the_cursor(core, text, chosen, written):
    before, after = text.split("|")
    put = core(
        "complete",
        "put(text, before.length, start, chosen)",
        text=before + after,
        before=before,
        start=spot(before).start,
        chosen=chosen,
    )
    shown = core("complete", "p.text.slice(0, p.cursor) + '|' + p.text.slice(p.cursor)", p=put)
    assert shown == written


# A module of functions has no state that one example could leave to the next.
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.text(), after=st.text())
def test_nothing_else_of_any_text_is_changed(core, before, after):
    here = spot(before)
    if here is None:
        return
    put = core(
        "complete",
        "put(before + after, before.length, start, 'NEW')",
        before=before,
        after=after,
        start=here.start,
    )
    assert put["text"].startswith(before[: here.start] + "NEW")
    kept = put["text"][here.start + 3 :].removeprefix(" ")
    assert after.endswith((kept, f" {kept}"))


def test_what_stands_there_already_is_not_offered(core):
    def offered(text, *proposals):
        answer = {"start": 5, "proposals": [{"text": one} for one in proposals]}
        seen = core("complete", "offered(text, answer)", text=text, answer=answer)
        return [one["text"] for one in seen["proposals"]]

    assert offered("crew:Trip", "Trip") == []
    assert offered("crew:Trip", "Trip", "TripCrew") == ["Trip", "TripCrew"]
    assert offered("crew:trip", "Trip") == ["Trip"]


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_the_page_says_what_the_catalogue_says(core, field):
    assert table("en")[f"field.{field.name}"] == field.meaning
    text = f"{field.name}.key:" if field.has_keys else f"{field.name}:"
    answer = {
        "start": len(text),
        "proposals": msgspec.to_builtins(choices_like(field, "")),
    }
    hint = core(
        "complete",
        "offered(text, answer).hint",
        text=f"late -{text}",
        answer={**answer, "start": len(text) + 6},
    )
    assert table("en").get(f"written.{hint}") == EXPECTED.get(field.reading)
