"""The keys of every provider, given in code and said aloud, are not written."""

import pytest

from matrix.recorded import run_program
from telltale.demo.scripted_llm import ScriptedLLM

pytestmark = pytest.mark.crew

KEYS = {
    "responses": "given-to-openai-0123456789",
    "anthropic": "given-to-anthropic-0123456789",
    "bedrock": "given-to-amazon-0123456789",
    "session": "a-session-of-amazons-0123456789",
    "gemini": "given-to-google-0123456789",
    "azure": "given-to-microsoft-0123456789",
    "litellm": "given-to-a-gateway-0123456789",
    "openrouter": "given-to-a-router-0123456789",
}
PROGRAM = """
import os
import telltale

telltale.crewai.autolog()
from crewai import LLM, Agent, Crew, Task

address = os.environ["OPENAI_BASE_URL"].removesuffix("/v1")
os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = address
models = {
    "responses": LLM(model="gpt-4o-mini", api="responses", api_key=KEYS["responses"]),
    "anthropic": LLM(
        model="anthropic/claude-sonnet-4-5", api_key=KEYS["anthropic"], base_url=address
    ),
    "bedrock": LLM(
        model="bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        aws_access_key_id="AKIASCRIPTED",
        aws_secret_access_key=KEYS["bedrock"],
        aws_session_token=KEYS["session"],
        region_name="us-east-1",
    ),
    "gemini": LLM(
        model="gemini/gemini-2.5-flash",
        api_key=KEYS["gemini"],
        client_params={"http_options": {"base_url": address}},
    ),
    "azure": LLM(
        model="azure/gpt-4o-mini",
        api_key=KEYS["azure"],
        endpoint=f"{address}/openai/deployments/gpt-4o-mini",
    ),
    "litellm": LLM(
        model="openai/gpt-4o-mini",
        is_litellm=True,
        api_key=KEYS["litellm"],
        base_url=f"{address}/v1",
    ),
    "openrouter": LLM(
        model="openrouter/anthropic/claude-3-opus",
        api_key=KEYS["openrouter"],
        base_url=f"{address}/v1",
    ),
}
more = {
    "bedrock": KEYS["session"],
    # Google takes a key as part of an address, too, and addresses stand in errors.
    "gemini": f"it was {address}/v1beta/models?key={KEYS['gemini']} that failed",
}
for name, llm in models.items():
    for script in ("[[say:Hello.]]", "[[fail:401:9]]"):
        agent = Agent(role=name, goal="Work", backstory="B", llm=llm, max_retry_limit=0)
        script = f"Say {KEYS[name]} {script} {more.get(name, '')}"
        task = Task(description=script, expected_output="A line", agent=agent)
        try:
            Crew(agents=[agent], tasks=[task]).kickoff()
        except Exception as error:
            print(name, type(error).__name__)
print("done")
"""


def test_none_of_them_is_written(tmp_path):
    with ScriptedLLM(port=0) as llm:
        recorded = run_program(["-c", f"KEYS = {KEYS!r}\n{PROGRAM}"], tmp_path / "ran", llm)
    written = b"".join(path.read_bytes() for path in (recorded.home / ".telltale").rglob("*.0*"))

    assert "done" in recorded.stdout, recorded.stderr
    for name in KEYS.keys() - {"session"}:
        assert f"{name} " in recorded.stdout  # It was refused, too.
    assert written.count(b"Say [masked") > 14
    assert {name for name, key in KEYS.items() if key.encode() in written} == set()
