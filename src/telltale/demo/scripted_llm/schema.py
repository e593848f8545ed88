"""A value that satisfies a JSON schema: the answer to a structured output nobody scripted.

Covers what Pydantic and the OpenAI client write (refs, unions, enums, bounds, formats); a
`pattern` is honoured only where the plain text happens to match it. Recursive schemas end,
because below a depth only what is required is filled in.
"""

import math
from typing import Any

from telltale.demo.scripted_llm.reply import Refused

DEEP = 6
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "someone@example.com",
    "uri": "http://127.0.0.1/",
    "duration": "P1D",
}
Schema = dict[str, Any]


def satisfy(schema: Schema) -> Any:
    """The simplest lively value: yes rather than no, one item rather than none.

    Raises:
        Refused: If the schema is none, or no finite value can satisfy it.
    """
    try:
        return _value(schema, schema, "value", 0)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Refused(f"Invalid schema: {error}.", code="invalid_json_schema") from error


def _value(schema: Any, root: Schema, name: str, depth: int) -> Any:
    if not isinstance(schema, dict):
        return f"scripted {name}"
    schema = _merged(_resolved(schema, root), root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return _value(_choice(schema[union], depth), root, name, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "null" if depth > DEEP and "null" in kind else kind[0]
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(schema, root, depth)
    if kind == "array":
        return _array(schema, root, name, depth)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    return {"boolean": True, "null": None}.get(kind, _text(schema, name))


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow `$ref` inside the document; a chain of refs that never ends is cut."""
    for _ in range(DEEP):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            break
        found: Any = root
        for part in reference.lstrip("#/").split("/"):
            found = found.get(part, {}) if isinstance(found, dict) and part else found
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**(found if isinstance(found, dict) else {}), **beside}
    return schema


def _merged(schema: Schema, root: Schema) -> Schema:
    merged = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        part = _resolved(part, root)
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged = {**merged, **part}
        if properties:
            merged |= {"properties": properties, "required": required}
    return merged


def _choice(options: list[Any], depth: int) -> Any:
    """The first option that says something; deep down one that leads no deeper."""
    if depth <= DEEP:
        return next((option for option in options if option != {"type": "null"}), options[0])
    leads_on = ("$ref", "properties", "items", "anyOf", "oneOf", "allOf")
    return min(options, key=lambda option: any(key in option for key in leads_on))


def _object(schema: Schema, root: Schema, depth: int) -> Schema:
    required = schema.get("required", ())
    return {
        name: _value(part, root, name, depth + 1)
        for name, part in schema.get("properties", {}).items()
        if name in required or depth <= DEEP
    }


def _array(schema: Schema, root: Schema, name: str, depth: int) -> list[Any]:
    least = schema.get("minItems", 0)
    wanted = least if depth > DEEP else max(1, least)
    wanted = min(wanted, schema.get("maxItems", wanted))
    fixed = schema.get("prefixItems", [])[:wanted]
    rest = [schema.get("items", {})] * (wanted - len(fixed))
    return [_value(part, root, name, depth + 1) for part in [*fixed, *rest]]


def _number(schema: Schema, *, whole: bool) -> int | float:
    step = schema.get("multipleOf", 1 if whole else 0)
    low = schema.get("minimum", -math.inf)
    if "exclusiveMinimum" in schema:
        low = max(low, schema["exclusiveMinimum"] + (step or 1e-6))
    high = schema.get("maximum", math.inf)
    if "exclusiveMaximum" in schema:
        high = min(high, schema["exclusiveMaximum"] - (step or 1e-6))
    wish = min(max(1, low), high)
    if step:
        wish = math.ceil(wish / step) * step
        wish = wish if wish <= high else wish - step
    return int(wish) if whole else wish


def _text(schema: Schema, name: str) -> str:
    text = FORMATS.get(schema.get("format", ""), f"scripted {name}")
    least = schema.get("minLength", 0)
    return text.ljust(least, ".")[: schema.get("maxLength", max(least, len(text)))]
