"""The redact function: what cannot be one is refused at once, and one that fails is named."""

import functools

import pytest

import telltale
from telltale.nouns.errors import BadInput


class Redactor:
    """An object that is called, and its method."""

    def __call__(self, key, value):
        return "gone"

    def redact(self, key, value):
        return "gone"


async def later(key, value):
    return value


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (7, "7"),
        ("secret", "'secret'"),
        (lambda value: value, "takes"),
        (lambda: None, "takes"),
        (lambda key, value, more: value, "takes"),
        (lambda key, *, value: value, "takes"),
        (later, "coroutine"),
    ],
)
def test_what_cannot_be_called_with_key_and_value_is_refused_at_once(recording, given, words):
    with pytest.raises(BadInput) as raised:
        telltale.configure(redact=given)

    said = str(raised.value)
    assert words in said and "redact" in said
    assert "expected a function of two arguments" in said and "lambda key, value: " in said
    assert raised.value.given is given
    with telltale.start_span("work", attributes={"a": "b"}):
        pass
    assert recording.one.attributes["a"] == "b"


@pytest.mark.parametrize(
    "given",
    [
        lambda key, value: "gone",
        lambda *both: "gone",
        lambda key, value="", more=0: "gone",
        Redactor(),
        Redactor().redact,
        functools.partial(lambda word, key, value: word, "gone"),
    ],
)
def test_whatever_can_be_called_with_both_will_do(recording, given):
    telltale.configure(redact=given)
    with telltale.start_span("work", attributes={"a": "b"}):
        pass

    assert recording.one.attributes["a"] == "gone"


def test_what_tells_no_signature_is_taken_at_its_word(recording):
    telltale.configure(redact=max)
    with telltale.start_span("work", attributes={"a": "b"}):
        pass

    assert recording.one.attributes["a"] == "b"


def test_that_the_redact_function_failed_is_said_as_such(recording, caplog):
    def mine(key, value):
        raise KeyError("rules")

    telltale.configure(redact=mine)
    with telltale.start_span("work", attributes={"a": "b", "c": "d"}):
        pass

    (said,) = caplog.messages
    assert "your redact function" in said and "KeyError: 'rules'" in said
    assert "left out" in said and "a fault" not in said
    assert "a" not in recording.one.attributes
