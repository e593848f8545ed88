"""Structured outputs: the answer satisfies the schema that the request carried."""

import json
from typing import Annotated, Literal, Optional, Union

import jsonschema
import openai
import pytest
from pydantic import BaseModel, Field

from telltale.demo.texts import TEXTS


class Leaf(BaseModel):
    kind: Literal["leaf"]
    weight: Annotated[float, Field(gt=2, le=3)]


class Tree(BaseModel):
    name: Annotated[str, Field(min_length=30)]
    left: Optional["Tree"]
    children: list[Union["Tree", Leaf]]
    count: Annotated[int, Field(ge=10, multiple_of=7)]
    sure: bool
    nothing: None


SCHEMAS = {
    "model": Tree.model_json_schema(),
    "enum": {"type": "object", "properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"]},
    "const": {"const": 7},
    "merged": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}]},
    "formats": {
        "type": "object",
        "properties": {name: {"type": "string", "format": name} for name in ("date", "uuid")},
    },
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "null"}],
        "minItems": 2,
    },
    "short": {"type": "string", "maxLength": 3},
    "many": {"type": "array", "items": {"type": "number", "exclusiveMaximum": 0}, "minItems": 3},
    "several types": {"type": ["null", "string"]},
    "anything": {},
}


def structured(client, name, schema, prompt="Fill this in."):
    answer = client.chat.completions.create(
        model="gpt-4.1-mini",
        messages=[{"role": "user", "content": prompt}],
        response_format={"type": "json_schema", "json_schema": {"name": name, "schema": schema}},
    )
    return json.loads(answer.choices[0].message.content)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_answer_satisfies_the_schema(client, name):
    value = structured(client, name.replace(" ", "_"), SCHEMAS[name])

    jsonschema.validate(value, SCHEMAS[name])


def test_openais_client_parses_the_answer_into_a_model(client):
    answer = client.chat.completions.parse(
        model="gpt-4.1-mini",
        messages=[{"role": "user", "content": "A leaf, please."}],
        response_format=Leaf,
    )

    assert answer.choices[0].message.parsed.kind == "leaf"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": ["a"]},
        {"$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
                         "required": ["a"]}}, "$ref": "#/$defs/A"},
    ],
    ids=["no schema", "no finite value"],
)  # fmt: skip
def test_a_schema_that_nothing_satisfies_is_refused(client, schema):
    with pytest.raises(openai.BadRequestError, match="Invalid schema"):
        structured(client, "impossible", schema)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("number", [0, 1])
def test_exactly_two_memories_are_extracted_of_a_task_of_the_crew(client, lang, number):
    text = TEXTS[lang]
    content = f"Content:\nTask: {text.tasks[number].description}\nAgent: x\nResult: y"

    value = structured(client, "ExtractedMemories", {}, content)

    assert value == {"memories": [memory.text for memory in text.scenes[number].memories]}
    assert len(value["memories"]) == 2


def test_a_known_memory_is_not_inserted_again_and_a_new_one_is(client):
    prompt = (
        "New content to consider storing:\n{}\n\nExisting similar memories:\n"
        "- id=m-1 | scope=/food | importance=0.80 | created=2026-01-01\n"
        "  content: Mara eats no fish.\n\nReturn the consolidation plan as structured output."
    )

    known = structured(client, "ConsolidationPlan", {}, prompt.format("Mara eats no fish."))
    new = structured(client, "ConsolidationPlan", {}, prompt.format("Mara climbs."))

    assert (known["insert_new"], new["insert_new"]) == (False, True)
    assert [action["record_id"] for action in known["actions"]] == ["m-1"]


@pytest.mark.parametrize(
    ("lang", "scope"), [("en", "/decisions"), ("zh", "/decisions"), ("other", "/notes")]
)
def test_a_memory_is_filed_where_it_belongs(client, lang, scope):
    memory = TEXTS[lang].scenes[0].memories[0].text if lang in TEXTS else "Water is wet."
    prompt = f"Content to store:\n{memory}\n\nExisting scopes: ['/']\nExisting categories: []"

    assert structured(client, "MemoryAnalysis", {}, prompt)["suggested_scope"] == scope
