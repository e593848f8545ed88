"""The API's description, derived from the route table: nothing in it is written twice."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from telltale.nouns.answers import Problem
from telltale.server.problems import MEDIA_TYPE
from telltale.server.route import Route

_REF = "#/components/schemas/{name}"
_IN_BRACES = re.compile(r"{(\w+)(?::\w+)?}")
_NOT_A_NAME = re.compile(r"\W+")


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document; costs some 10 ms."""
    answers = [route.answer for route in routes]
    schemas, components = msgspec.json.schema_components([Problem, *answers], ref_template=_REF)
    problem = schemas[0]
    for route in routes:
        components |= _of_query(route)[1]
    paths: dict[str, dict[str, Any]] = {}
    for route, schema in zip(routes, schemas[1:], strict=True):
        path = _IN_BRACES.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schema, problem)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Telltale", "version": version},
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(route: Route, answer: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": {"description": "OK", "content": {route.media: {"schema": answer}}}
    }
    for status in route.problems:
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": problem}},
        }
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{_NOT_A_NAME.sub('_', route.path)}",
        "summary": route.summary,
        "x-permission": route.permission.value,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": responses,
    }
    if route.body:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {route.body: binary}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _IN_BRACES.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    schema, _ = _of_query(route)
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": of}
        for name, of in schema.get("properties", {}).items()
    ]


def _of_query(route: Route) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the query is, and the components that it points at."""
    if route.query is None:
        return {}, {}
    _, components = msgspec.json.schema_components([route.query], ref_template=_REF)
    return components.pop(route.query.__name__), components
