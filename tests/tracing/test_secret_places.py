"""Where secrets come from and where they turn up: variables, headers, addresses, plain words."""

import json
import random
import string
import time

import pytest

import telltale
from recording import Recording
from telltale.conventions import attributes as names
from telltale.tracing.secret_forms import MASK
from telltale.tracing.secrets import KnownSecrets
from telltale.tracing.serialise import messages_to_json

KEY = "zq7-worth-keeping-0123456789"
SHORT = "hunter2!x"
"""Too short to be looked for by itself."""


def told(recording: Recording, text: str) -> str:
    """What is kept of a text that a program says."""
    with telltale.start_span("work") as span:
        span.set_attribute("said", text)
    return recording.one.attributes["said"]


@pytest.mark.parametrize(
    "name", ["STRIPE_KEY", "GITHUB_PAT", "SENTRY_DSN", "DB_PASS", "SMTP_PWD", "stripe_key", "KEY"]
)
def test_a_variable_whose_name_may_be_a_secrets_is_masked_by_its_value(
    recording, monkeypatch, name
):
    monkeypatch.setenv(name, KEY)

    assert told(recording, f"it is {KEY}.") == f"it is {MASK}."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTITION_KEY", "customer-region"),
        ("SORT_KEY", "createdAtMoment"),
        ("MODEL_KEY", "claude-sonnet-4-5-20250929"),
        ("MODEL_KEY", "openai/gpt-4.1-mini"),
        ("SSL_KEY", "/etc/ssl/private/server1.pem"),
        ("SSH_KEY", "~/.ssh/id_ed25519"),
        ("CACHE_DSN", "redis://127.0.0.1:6379/0"),
        ("CACHE_KEY", "two words and 12"),
        ("FEATURE_KEY", "default"),
        ("STRIPE_KEY", "short-1"),
        ("KEYBOARD", "qwertz-layout-105"),
        ("PWD", "/home/ada/code/trips1"),
    ],
)
def test_ordinary_words_under_such_a_name_stay(recording, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    assert told(recording, f"it is {value}.") == f"it is {value}."


@pytest.mark.parametrize(
    "address",
    ["postgresql://app:{}@db.example.org:5432/trips", "redis://:{}@cache/0", "https://{}@o1.io/7"],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "CACHE", "SENTRY_DSN"])
def test_the_password_in_the_address_that_a_variable_holds_is_masked(
    recording, monkeypatch, name, address
):
    monkeypatch.setenv(name, address.format(KEY))

    said = told(recording, f"refused: {KEY} at {address.format(KEY)}, as of {address.format('x')}")

    assert KEY not in said
    assert said.startswith(f"refused: {MASK} at {address.partition('{')[0]}{MASK}@")


def test_a_password_is_masked_as_it_is_spelt_in_an_address_and_as_it_is(recording, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:zq7%2Fworth-keeping%40012@db/trips")

    said = told(recording, "zq7%2Fworth-keeping%40012 is zq7/worth-keeping@012")

    assert said == f"{MASK} is {MASK}"


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("Authorization", f"Bearer {KEY}", KEY),
        ("authorization", f"Token {KEY}", KEY),
        ("Proxy-Authorization", f"Basic {KEY}", KEY),
        ("X-House-Word", KEY, KEY),
        ("X-Goog-Api-Key", KEY, KEY),
        ("Ocp-Apim-Subscription-Key", KEY, KEY),
        ("X-Vault-Token", KEY, KEY),
        ("X-Proxy-Pass", "open-sesame-of-words", "open-sesame-of-words"),
        ("X-Client-Secret", "all of it words", "all of it words"),
        ("Cookie", f"theme=dark; session={KEY}", KEY),
        ("X-House-Word", "AbCdEf0123GhIjKl", "AbCdEf0123GhIjKl"),
    ],
)
def test_a_header_is_a_secret_by_its_name_or_by_its_look(name, value, hidden):
    known = KnownSecrets()
    known.learn_headers({name: value})

    assert known.mask(f"sent {hidden} along") == f"sent {MASK} along"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Title", "Travel planner"),
        ("X-Title", KEY),
        ("HTTP-Referer", "https://trips.example.org/planner7"),
        ("Referer", "https://trips.example.org/planner7"),
        ("User-Agent", "trips/1.2.3 (linux) 0123456789"),
        ("anthropic-version", "2023-06-01-0123456789"),
        ("anthropic-beta", "prompt-caching-2024-07-31"),
        ("OpenAI-Beta", "assistants=v2-and-more"),
        ("Content-Type", "application/vnd.api+json"),
        ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
        ("X-Request-Id", "550e8400-e29b-41d4-a716-446655440000"),
        ("Idempotency-Key", "550e8400-e29b-41d4-a716-446655440000"),
        ("X-Team", "Travel planners of Oslo"),
        ("X-Model", "claude-sonnet-4-5-20250929"),
        ("X-Region-Key", "north-and-south"),
        ("X-Region", "us-east-1-cluster2024"),
    ],
)
def test_other_headers_teach_nothing(name, value):
    known = KnownSecrets()
    known.learn_headers({name: value})

    assert known.mask(f"sent {value} along") == f"sent {value} along"


CALL = {"api_key": SHORT, "where": "Oslo", "deep": [{"clientSecret": SHORT}]}
CALLED = {"api_key": MASK, "where": "Oslo", "deep": [{"clientSecret": MASK}]}


@pytest.mark.parametrize("arguments", [CALL, json.dumps(CALL)], ids=["structured", "JSON"])
@pytest.mark.parametrize("key", [names.INPUT_MESSAGES, names.OUTPUT_MESSAGES])
def test_the_arguments_of_a_tool_call_in_messages_are_masked_by_their_names(
    recording, key, arguments
):
    message = {"tool_calls": [{"id": "1", "function": {"name": "go", "arguments": arguments}}]}
    with telltale.start_span("chat") as span:
        span.set_attribute(key, messages_to_json([{"role": "assistant", **message}], "user"))

    (kept,) = json.loads(recording.one.attributes[key])
    assert kept["parts"][0]["arguments"] == CALLED


def test_json_in_json_is_masked_by_its_names_and_else_stays(recording):
    inner = json.dumps({"apiKey": SHORT, "n": 2**70, "x": 1.5})
    said = told(recording, json.dumps({"result": inner, "token": 12345678, "empty_secret": ""}))

    kept = json.loads(said)
    assert json.loads(kept["result"]) == {"apiKey": MASK, "n": 2**70, "x": 1.5}
    assert kept["token"] == MASK
    assert kept["empty_secret"] == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"apiKey: '{SHORT}'", f"apiKey: '{MASK}'"),
        (f"the apiKey={SHORT}, so", f"the apiKey={MASK}, so"),
        (f"OPENAI_API_KEY={SHORT}\nMODE=fast", f"OPENAI_API_KEY={MASK}\nMODE=fast"),
        (f"?api_key={SHORT}&page=2", f"?api_key={MASK}&page=2"),
        (f"password: {SHORT}", f"password: {MASK}"),
        (f'it said {{"api_key": "{SHORT}", "n": 1}}', f'it said {{"api_key": "{MASK}", "n": 1}}'),
        (f'{{\\"access_token\\": \\"{SHORT}\\"}} so', f'{{\\"access_token\\": \\"{MASK}\\"}} so'),
        ('"secret": "with \\" in it" so', f'"secret": "{MASK}" so'),
        (f"('client_secret': '{SHORT}')", f"('client_secret': '{MASK}')"),
        ("Authorization: Basic YWRhOmh1bnRlcjI=", f"Authorization: Basic {MASK}"),
        ("connect postgres://u:p@db/x", f"connect postgres://u:{MASK}@db/x"),
        ("at https://ada:pass%40@db:8/x?y=a@b", f"at https://ada:{MASK}@db:8/x?y=a@b"),
        ("at amqp://ada:a@b@queue", f"at amqp://ada:{MASK}@queue"),
    ],
)
def test_what_a_text_calls_a_secret_is_masked_in_it(recording, text, kept):
    assert told(recording, text) == kept
    assert told_within(recording, text) == kept


def told_within(recording: Recording, text: str) -> str:
    """The same where it is the answer of a tool among messages."""
    with telltale.start_span("within") as span:
        span.set_outputs([{"role": "tool", "content": text}])
    within = next(one for one in recording.spans if one.name == "within")
    return json.loads(within.attributes["telltale.outputs"])[0]["content"]


@pytest.mark.parametrize(
    "text",
    [
        "password: at least twelve characters",
        "max_tokens=4096, token_count: 12345678, tokens: 12345678",
        "api_key=os.environ['OPENAI_API_KEY'], token=self.tokens[0], secret = settings.secret",
        "api_key: Optional[str] = None, password: SecretStr | None = None",
        "client = Client(api_key=make_key2(here), token=None, secret=True, access_token=default)",
        "the secret: nevertheless it moves",
        "see https://example.org:8080/a@b and mail ada@example.org; ssh://git@github.com/x",
        "the secretary: 12345678; keyboard=12345678; passwordless: 12345678",
        '"tokens": "12345678", "author": "Ada Lovelace 1815"',
        "token: a unit of text; tokens=…",
    ],
)
def test_words_that_only_speak_of_secrets_stay(recording, text):
    assert told(recording, text) == text


def test_what_is_masked_is_not_masked_again(recording):
    text = f'api_key="{MASK}" password={MASK} postgres://u:{MASK}@db {{"token":"{MASK}"}}'

    assert told(recording, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "api_key=" * 40_000,
        "secret:" + "'" * 200_000,
        'password="' + "a" * 300_000,
        "token: " + "\\" * 200_000,
        'password="' + "\\" * 200_000,
        "token: '" + r"\frac" * 40_000,
        "://" * 100_000 + "@",
        "://a:" + "b" * 300_000,
        "[" * 100_000 + "api_key=",
        "a_" * 150_000 + "api_key:",
    ],
    ids=range(10),
)
def test_no_text_takes_long(text):
    known, started = KnownSecrets(), time.process_time()
    known.may_be_in(text)
    known.mask(text)

    assert time.process_time() - started < 2.0


def test_whatever_may_be_masked_is_looked_at():
    letters = random.Random(7)
    known = KnownSecrets()
    parts = ["api_key", "apiKey", "password", "token", "secret", "=", ":", ": ", '"', '\\"', "'"]
    parts += ["{", "}", "://", "@", " ", "a", SHORT, "Authorization", "Basic ", "\n", "\0"]
    for _ in range(20_000):
        text = "".join(letters.choices(parts, k=8)) + letters.choice(string.ascii_letters)
        assert known.may_be_in(text) or known.mask(text) == text, text
