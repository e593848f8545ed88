"""A scripted server and OpenAI's own client for it."""

from collections.abc import Iterator

import openai
import pytest

from running import free_port as free_port
from telltale.demo.scripted_llm import ScriptedLLM


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(port=0) as running:
        yield running


@pytest.fixture
def client(llm: ScriptedLLM) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=llm.base_url, api_key="scripted") as connected:
        yield connected
