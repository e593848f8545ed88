"""Secrets stay out of the journal, and what only looks like one stays in."""

import json
import threading

import pytest

import telltale
from programs import run_program
from telltale.tracing import secrets
from telltale.tracing.secret_forms import MASK
from telltale.tracing.secret_names import is_secret_name
from telltale.tracing.secrets import KnownSecrets
from telltale.tracing.serialise import bounded_repr

KEY = "hunter2-is-a-long-enough-key"


def journal(recording) -> str:
    """Everything that was written, header and all."""
    return b"".join(path.read_bytes() for path in recording.files).decode("utf-8", "replace")


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "API-KEY", "openai_api_key", "x-api-key", "password", "db_password",
     "passwd", "secret", "client_secret", "clientSecret", "aws_secret_access_key", "token",
     "access_token", "refreshToken", "id_token", "Authorization", "authorization", "cookie",
     "Set-Cookie", "private_key", "credentials", "passphrase", "bearer", "PGPASSWORD",
     "gateway.api_key"],
)  # fmt: skip
def test_a_value_under_a_secret_looking_key_is_masked_wherever_it_lies(recording, name):
    with telltale.start_span("work", attributes={name: KEY}) as span:
        span.set_inputs({"config": [{name: KEY}]})
        span.add_event("event", {name: KEY})
        span.set_attribute("aside", {name: {"nested": KEY}})

    assert KEY not in journal(recording)
    assert recording.one.attributes[name] == MASK
    assert json.loads(recording.one.attributes["telltale.inputs"]) == {"config": [{name: MASK}]}


@pytest.mark.parametrize(
    "name",
    ["max_tokens", "input_tokens", "token_count", "tokens", "completion_tokens", "tokenizer",
     "total_token_usage", "secretary", "password_hint", "keyboard", "key", "author",
     "gen_ai.usage.input_tokens", "passwordless", "monkey", "bucket_key_name"],
)  # fmt: skip
def test_a_key_that_only_resembles_a_secrets_is_not_masked(recording, name):
    with telltale.start_span("work", attributes={name: 4096}) as span:
        span.set_inputs({name: 4096})

    assert not is_secret_name(name)
    assert recording.one.attributes[name] == 4096
    assert recording.one.attributes["telltale.inputs"] == f'{{"{name}":4096}}'


@pytest.mark.parametrize("empty", [None, "", b""])
def test_that_no_secret_was_given_may_be_seen(recording, empty):
    with telltale.start_span("work") as span:
        span.set_inputs({"api_key": empty})

    assert MASK not in recording.one.attributes["telltale.inputs"]


def say_everywhere(text: str) -> None:
    """Let a text turn up in every place that a span has."""
    try:
        with telltale.start_span(
            f"call {text}", attributes={"url": f"https://x/?k={text}"}
        ) as span:
            span.set_inputs({"deep": [{"text": f"before {text} after"}]})
            span.set_attribute("list", ["plain", text])
            span.add_event("event", {"said": text})
            telltale.update_current_trace(tags={"tag": text})
            raise ValueError(f"denied for {text}")
    except ValueError:
        pass


def test_what_the_environment_holds_under_a_secret_name_is_masked_everywhere(
    recording, monkeypatch
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    say_everywhere(KEY)

    assert KEY not in journal(recording)
    assert recording.one.status_message == f"denied for {MASK}"


def test_a_secret_that_is_loaded_after_the_first_span_is_masked_too(recording, monkeypatch):
    with telltale.start_span("long root"):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        say_everywhere(KEY)

    assert KEY not in journal(recording)


def test_a_secret_is_masked_in_the_spelling_of_json_too(recording, monkeypatch):
    secret = 'quote " backslash \\ 东京 \n end'
    monkeypatch.setenv("DB_PASSWORD", secret)
    say_everywhere(secret)

    assert "backslash" not in journal(recording)


def test_of_two_secrets_one_may_begin_the_other(recording, monkeypatch):
    monkeypatch.setenv("A_SECRET", "a-secret-value")
    monkeypatch.setenv("B_SECRET", "a-secret-value-and-its-tail")
    say_everywhere("a-secret-value-and-its-tail")

    assert "tail" not in journal(recording)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "none"),
        ("OPENAI_MODEL_NAME", "gpt-4.1-mini-of-ours"),
        ("PATH", "/usr/bin"),
    ],
)
def test_short_stand_ins_and_plain_settings_are_not_masked(recording, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    say_everywhere(value)

    assert recording.one.status_message == f"denied for {value}"


FORMS = {
    "openai": "sk-proj-abcdefghijklmnop0123456789",
    "anthropic": "sk-ant-api03-abcdefghijklmnop",
    "google": "AIzaSyA0123456789abcdefghijklmnopqrstuvw",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "huggingface": "hf_abcdefghijklmnopqrstuvwxyz0123456789",
    "groq": "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
    "slack": "xoxb-1234567890-abcdef",
}


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
def test_the_known_forms_of_keys_are_masked_everywhere(recording, key):
    say_everywhere(key)

    assert key not in journal(recording)
    assert f"before {MASK} after" in recording.one.attributes["telltale.inputs"]


def test_words_that_only_begin_like_a_key_stay(recording):
    words = "a task-force, risk-averse, ask-me-anything; pk-12; hf_model; Bearer of news"
    with telltale.start_span("work") as span:
        span.set_inputs(words)

    assert recording.one.attributes["telltale.inputs"] == words


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
def test_the_known_forms_of_keys_are_masked_in_reprs_and_exceptions(recording, key):
    class Client:
        def __repr__(self):
            return f"Client(key={key})"

    with pytest.raises(ValueError, match="denied"), telltale.start_span("work") as span:
        span.set_inputs([Client()])
        raise ValueError(f"denied: {key}")

    assert key not in journal(recording)
    assert recording.one.status_message == f"denied: {MASK}"


@pytest.mark.parametrize(
    "text",
    ["Config(api_key='abcdef')", 'password="hunter2!"', "{'secret': 'abcdef'}",
     "token: Bearer abcdefghijklmnop", "SecretStr: api_key=SecretStr('abcdef')"],
)  # fmt: skip
def test_what_a_repr_assigns_to_a_secret_name_is_masked(text):
    class Shown:
        def __repr__(self):
            return text

    assert MASK in bounded_repr(Shown())
    assert "abcdef" not in bounded_repr(Shown())
    assert "hunter2" not in bounded_repr(Shown())


def test_a_stack_trace_shows_no_key_of_the_source_line(recording):
    with pytest.raises(ValueError, match="no"), telltale.start_span("work"):
        raise ValueError("no" if "sk-proj-abcdefghijklmnop0123456789" else "yes")

    (event,) = recording.one.events
    assert MASK in event.attributes["exception.stacktrace"]


def test_the_redact_function_has_the_last_word(recording):
    telltale.configure(redact=lambda key, value: "gone" if "Ada" in str(value) else value)
    with pytest.raises(ValueError, match="Ada"), telltale.start_span("work") as span:
        span.set_inputs({"name": "Ada"})
        span.set_outputs("somebody")
        span.add_event("event", {"who": "Ada"})
        raise ValueError("no room for Ada")

    assert recording.one.attributes["telltale.inputs"] == "gone"
    assert recording.one.attributes["telltale.outputs"] == "somebody"
    assert recording.one.status_message == "gone"
    assert [event.attributes.get("who") for event in recording.one.events] == ["gone", None]
    assert "for Ada" not in json.dumps(recording.one.events[1].attributes["exception.message"])


def test_a_redact_function_sees_what_was_masked_already(recording, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    seen = []
    telltale.configure(redact=lambda key, value: seen.append(value) or value)
    say_everywhere(KEY)

    assert seen
    assert KEY not in str(seen)


def test_a_redact_function_that_raises_drops_the_value_and_nothing_else(recording, caplog):
    def redact(key, value):
        if key == "telltale.inputs":
            raise KeyError(key)
        return value

    telltale.configure(redact=redact)
    for _ in range(3):
        with telltale.start_span("work") as span:
            span.set_inputs("secret")
            span.set_outputs("kept")

    assert [span.attributes["telltale.outputs"] for span in recording.spans] == ["kept"] * 3
    assert "secret" not in journal(recording)
    assert caplog.text.count("redact function") == 1


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    "instead",
    [None, 7, {"a": [1]}, b"x", 2**70, object(), Unspeakable()],
    ids=lambda v: type(v).__name__,
)
def test_a_redact_function_may_answer_anything(recording, instead):
    telltale.configure(redact=lambda key, value: instead if key == "a" else value)
    with telltale.start_span("work", attributes={"a": "x", "b": "kept"}):
        pass

    assert recording.one.attributes["b"] == "kept"
    assert recording.one.attributes["a"] != "x"


def test_the_header_tells_no_secret_of_the_environment(home):
    program = run_program(
        "import telltale\nwith telltale.start_span('work'): pass",
        home,
        OPENAI_API_KEY=KEY,
        OTEL_RESOURCE_ATTRIBUTES=f"team=trips,auth_token={KEY},note=uses {KEY}",
    )

    assert program.recording.segments[0].header.resource["team"] == "trips"
    assert KEY not in journal(program.recording)


def test_a_password_in_the_address_is_not_written_down(home):
    program = run_program(
        "import telltale\nwith telltale.start_span('work'): pass",
        home,
        "http://ada:hunter2@127.0.0.1:9",
    )

    assert "hunter2" not in journal(program.recording) + program.stderr


def test_a_key_that_is_learnt_while_another_is_being_learnt_is_known_too(monkeypatch):
    known = KnownSecrets()
    meanwhile = threading.Thread(target=known.learn, args=("a-key-that-came-meanwhile",))

    def spell(values):
        spelled = spellings(values)
        if meanwhile.ident is None:
            meanwhile.start()
            meanwhile.join(0.5)  # It may have to wait for us.
        return spelled

    spellings = secrets._spellings
    monkeypatch.setattr(secrets, "_spellings", spell)
    known.learn(KEY)
    meanwhile.join()

    assert known.mask(f"{KEY} a-key-that-came-meanwhile") == f"{MASK} {MASK}"
