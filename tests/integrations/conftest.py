"""A fresh start for each test, in the test's own process, and a scripted server to call."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from provider_calls import inside_a_frameworks_call

from recording import Recording, fresh_tracing
from telltale.demo.scripted_llm import ScriptedLLM
from telltale.tracing.live import LiveSpan


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Trace in this process; nobody listens at the destination, so the journal keeps it all."""
    with fresh_tracing(tmp_path / "home", monkeypatch) as made:
        yield made


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    """What the model says, and how many tokens that were."""
    with ScriptedLLM() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Whether an answer comes whole or in pieces."""
    return bool(request.param)


@pytest.fixture
def joined(request: pytest.FixtureRequest) -> Iterator[LiveSpan]:
    """An LLM span of a framework, which speaks for the calls of the module's `JOINS`."""
    with inside_a_frameworks_call(*request.module.JOINS) as span:
        yield span


@pytest.fixture
def client(llm: ScriptedLLM) -> Iterator[openai.OpenAI]:
    """OpenAI's own client."""
    with openai.OpenAI(base_url=llm.base_url, api_key="scripted") as connected:
        yield connected
