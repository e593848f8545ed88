"""The API's description, derived from the route table: nothing in it is written twice."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from telltale.server.route import Route

_REF = "#/components/schemas/{name}"
_IN_BRACES = re.compile(r"{(\w+)(?::\w+)?}")
_NOT_A_NAME = re.compile(r"\W+")
_BYTES = {"type": "string", "format": "binary"}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document; costs some 10 ms."""
    shapes = list(dict.fromkeys(route.fails_as.shape for route in routes))
    bodies = list(dict.fromkeys(route.given for route in routes if route.given is not None))
    schemas, components = msgspec.json.schema_components(
        [*shapes, *bodies, *(route.answer for route in routes)], ref_template=_REF
    )
    known = dict(zip([*shapes, *bodies], schemas, strict=False))
    for route in routes:
        components |= _of_query(route)[1]
    paths: dict[str, dict[str, Any]] = {}
    for route, schema in zip(routes, schemas[len(known) :], strict=True):
        path = _IN_BRACES.sub(r"{\1}", route.path)
        operation = _operation(route, schema, known)
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Telltale", "version": version},
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(
    route: Route, answer: dict[str, Any], known: dict[Any, dict[str, Any]]
) -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": {"description": "OK", "content": _content((route.media, *route.other_media), answer)}
    }
    for status in route.problems:
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": _content(route.fails_as.media, known[route.fails_as.shape]),
        }
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{_NOT_A_NAME.sub('_', route.path)}",
        "summary": route.summary,
        "x-permission": route.permission.value,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": responses,
    }
    if route.body:
        body = _BYTES if route.given is None else known[route.given]
        content = {media: {"schema": body} for media in route.body}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _content(media: tuple[str, ...], schema: dict[str, Any]) -> dict[str, Any]:
    """What is answered: in the first type as the schema has it, in others the same in bytes."""
    return {of: {"schema": _BYTES if n else schema} for n, of in enumerate(media)}


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
