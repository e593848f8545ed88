"""Providers' own SDKs as one: each asks in its way, and tells alike what it heard."""

import json
from collections.abc import Callable
from typing import Any

import anthropic
import boto3
import httpx
import msgspec
import openai
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from botocore.config import Config
from botocore.exceptions import ClientError
from google import genai
from google.genai import types
from google.genai.errors import APIError
from urllib3.exceptions import ProtocolError

from telltale.demo.scripted_llm import ScriptedLLM

PARAMETERS = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOL, ABOUT = "add", "Add two numbers."


class Heard(msgspec.Struct, frozen=True):
    """An answer, whoever gave it."""

    text: str
    calls: tuple[tuple[str, str, Any], ...]
    """Id, name and arguments."""
    tokens: tuple[int, int, int]
    """All of the input, what of it was cached, all of the output."""
    model: str | None
    turn: Any
    """What the conversation goes on with, in the SDK's own words."""


class Speaker(msgspec.Struct, frozen=True):
    """One dialect, by the SDK that speaks it."""

    name: str
    model: str
    ask: Callable[..., Heard]
    """(server, prompt, *, stream, answered, retries): `answered` goes on after a tool call."""
    refused: type[Exception]
    """What the SDK raises for an error of the provider's …"""
    broken: type[Exception]
    """… and where a stream breaks off."""


def _responses(
    llm: ScriptedLLM, prompt: str, *, stream: bool, answered: Heard | None = None, retries: int = 0
) -> Heard:
    items: list[Any] = [{"role": "user", "content": prompt}]
    if answered:
        results = [
            {"type": "function_call_output", "call_id": call_id, "output": "5"}
            for call_id, _, _ in answered.calls
        ]
        items += [*answered.turn, *results]
    asked = {
        "model": "gpt-5",
        "input": items,
        "tools": [
            {"type": "function", "name": TOOL, "description": ABOUT, "parameters": PARAMETERS}
        ],
    }
    with openai.OpenAI(base_url=llm.base_url, api_key="x", max_retries=retries) as client:
        if stream:
            with client.responses.stream(**asked) as events:
                response = events.get_final_response()
        else:
            response = client.responses.create(**asked)
    usage = response.usage
    calls = [item for item in response.output if item.type == "function_call"]
    return Heard(
        text=response.output_text,
        calls=tuple((call.call_id, call.name, json.loads(call.arguments)) for call in calls),
        tokens=(usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens),
        model=response.model,
        turn=response.output,
    )


def _anthropic(
    llm: ScriptedLLM, prompt: str, *, stream: bool, answered: Heard | None = None, retries: int = 0
) -> Heard:
    messages: list[Any] = [{"role": "user", "content": prompt}]
    if answered:
        results = [
            {"type": "tool_result", "tool_use_id": call_id, "content": "5"}
            for call_id, _, _ in answered.calls
        ]
        messages += [
            {"role": "assistant", "content": answered.turn},
            {"role": "user", "content": results},
        ]
    asked = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 99,
        "messages": messages,
        "tools": [{"name": TOOL, "description": ABOUT, "input_schema": PARAMETERS}],
    }
    with anthropic.Anthropic(base_url=llm.url, api_key="x", max_retries=retries) as client:
        if stream:
            with client.messages.stream(**asked) as events:
                message = events.get_final_message()
        else:
            message = client.messages.create(**asked)
    usage = message.usage
    cached, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
    return Heard(
        text="".join(block.text for block in message.content if block.type == "text"),
        calls=tuple((b.id, b.name, b.input) for b in message.content if b.type == "tool_use"),
        tokens=(usage.input_tokens + cached + written, cached, usage.output_tokens),
        model=message.model,
        turn=message.content,
    )


def _bedrock(
    llm: ScriptedLLM, prompt: str, *, stream: bool, answered: Heard | None = None, retries: int = 0
) -> Heard:
    messages: list[Any] = [{"role": "user", "content": [{"text": prompt}]}]
    if answered:
        results = [
            {"toolResult": {"toolUseId": call_id, "content": [{"text": "5"}]}}
            for call_id, _, _ in answered.calls
        ]
        messages += [
            {"role": "assistant", "content": answered.turn},
            {"role": "user", "content": results},
        ]
    spec = {"name": TOOL, "description": ABOUT, "inputSchema": {"json": PARAMETERS}}
    asked = {
        "modelId": CLAUDE,
        "messages": messages,
        "toolConfig": {"tools": [{"toolSpec": spec}]},
    }
    client = bedrock_client(llm, retries)
    if stream:
        content, usage = _grown(client.converse_stream(**asked)["stream"])
    else:
        answer = client.converse(**asked)
        content, usage = answer["output"]["message"]["content"], answer["usage"]
    uses = [block["toolUse"] for block in content if "toolUse" in block]
    cached, written = usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]
    return Heard(
        text="".join(block.get("text", "") for block in content),
        calls=tuple((use["toolUseId"], use["name"], use["input"]) for use in uses),
        tokens=(usage["inputTokens"] + cached + written, cached, usage["outputTokens"]),
        model=None,
        turn=content,
    )


CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def bedrock_client(llm: ScriptedLLM, retries: int = 0) -> Any:
    """Amazon's own client; what it does not find in its own way it does not look for outside."""
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=llm.url,
        region_name="us-east-1",
        aws_access_key_id="AKIASCRIPTED",
        aws_secret_access_key="scripted-secret-key",
        config=Config(retries={"total_max_attempts": retries + 1, "mode": "standard"}),
    )


def _grown(stream: Any) -> tuple[list[Any], Any]:
    """The content that a stream amounts to, and its usage."""
    blocks: dict[int, Any] = {}
    usage = None
    for event in stream:
        if start := event.get("contentBlockStart"):
            use = start["start"]["toolUse"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**use, "input": ""}}
        elif grown := event.get("contentBlockDelta"):
            index, delta = grown["contentBlockIndex"], grown["delta"]
            if "text" in delta:
                block = blocks.setdefault(index, {"text": ""})
                block["text"] += delta["text"]
            elif "toolUse" in delta:
                blocks[index]["toolUse"]["input"] += delta["toolUse"]["input"]
        elif "metadata" in event:
            usage = event["metadata"]["usage"]
    for block in blocks.values():
        if use := block.get("toolUse"):
            use["input"] = json.loads(use["input"])
    return list(blocks.values()), usage


def _gemini(
    llm: ScriptedLLM, prompt: str, *, stream: bool, answered: Heard | None = None, retries: int = 0
) -> Heard:
    contents = [types.Content(role="user", parts=[types.Part.from_text(text=prompt)])]
    if answered:
        results = [
            types.Part.from_function_response(name=name, response={"result": 5})
            for _, name, _ in answered.calls
        ]
        contents += [answered.turn, types.Content(role="user", parts=results)]
    declared = types.FunctionDeclaration(
        name=TOOL, description=ABOUT, parameters_json_schema=PARAMETERS
    )
    asked = {
        "model": "gemini-3-pro-preview",
        "contents": contents,
        "config": types.GenerateContentConfig(
            tools=[types.Tool(function_declarations=[declared])],
        ),
    }
    # Held on to: a client that is let go of closes, with its answers half read.
    client = gemini_client(llm, retries)
    if stream:
        answers = list(client.models.generate_content_stream(**asked))
    else:
        answers = [client.models.generate_content(**asked)]
    parts = [part for answer in answers for part in answer.candidates[0].content.parts or ()]
    usage = answers[-1].usage_metadata
    calls = [part.function_call for part in parts if part.function_call]
    return Heard(
        text="".join(part.text for part in parts if part.text and not part.thought),
        calls=tuple((call.id, call.name, call.args) for call in calls),
        tokens=(
            usage.prompt_token_count,
            usage.cached_content_token_count or 0,
            (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        ),
        model=answers[-1].model_version,
        turn=types.Content(role="model", parts=parts),
    )


def gemini_client(llm: ScriptedLLM, retries: int = 0) -> genai.Client:
    """Google's own client."""
    patience = types.HttpRetryOptions(
        attempts=retries + 1, initial_delay=0.01, max_delay=0.02, jitter=0.001
    )
    options = types.HttpOptions(base_url=llm.url, retry_options=patience)
    return genai.Client(api_key="scripted-google-key", http_options=options)


def _azure(
    llm: ScriptedLLM, prompt: str, *, stream: bool, answered: Heard | None = None, retries: int = 0
) -> Heard:
    messages: list[Any] = [{"role": "user", "content": prompt}]
    if answered:
        results = [
            {"role": "tool", "tool_call_id": call_id, "content": "5"}
            for call_id, _, _ in answered.calls
        ]
        messages += [answered.turn, *results]
    function = {"name": TOOL, "description": ABOUT, "parameters": PARAMETERS}
    asked = {"messages": messages, "tools": [{"type": "function", "function": function}]}
    with azure_client(llm, retries) as client:
        if stream:
            extras = {"stream_options": {"include_usage": True}}
            updates = list(client.complete(**asked, stream=True, model_extras=extras))
            message, usage, model = _grown_azure(updates)
        else:
            answer = client.complete(**asked)
            message, usage, model = answer.choices[0].message, answer.usage, answer.model
    calls = message.get("tool_calls") or ()
    return Heard(
        text=message.get("content") or "",
        calls=tuple(
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in calls
        ),
        tokens=(
            usage["prompt_tokens"],
            usage["prompt_tokens_details"]["cached_tokens"],
            usage["completion_tokens"],
        ),
        model=model,
        turn=message,
    )


def azure_client(llm: ScriptedLLM, retries: int = 0) -> ChatCompletionsClient:
    """Microsoft's own client for a deployment."""
    return ChatCompletionsClient(
        f"{llm.url}/openai/deployments/gpt-5",
        AzureKeyCredential("scripted-azure-key"),
        retry_total=retries,
    )


def _grown_azure(updates: list[Any]) -> tuple[Any, Any, str]:
    """The message that a stream amounts to, its usage, and the model."""
    message: Any = {"role": "assistant", "content": "", "tool_calls": []}
    for delta in [choice.delta for update in updates for choice in update.choices]:
        message["content"] += delta.content or ""
        for call in delta.tool_calls or ():
            function = call.function
            if call.id:
                named = {"name": function.name, "arguments": ""}
                message["tool_calls"].append({"id": call.id, "type": "function", "function": named})
            message["tool_calls"][-1]["function"]["arguments"] += function.arguments or ""
    return message, updates[-1].usage, updates[-1].model


SPEAKERS = (
    Speaker(
        "responses", "gpt-5-2025-08-07", _responses, openai.APIStatusError, httpx.TransportError
    ),
    Speaker(
        "anthropic",
        "claude-sonnet-4-5-20250929",
        _anthropic,
        anthropic.APIStatusError,
        httpx.TransportError,
    ),
    Speaker("bedrock", CLAUDE, _bedrock, ClientError, ProtocolError),
    Speaker("gemini", "gemini-3-pro-preview", _gemini, APIError, httpx.TransportError),
    Speaker("azure", "gpt-5-2025-08-07", _azure, HttpResponseError, AzureError),
)
