"""Every row of the table keeps the promises that all routes make."""

import json
import re
from http import HTTPStatus

import httpx2
import pytest
from rows import UNKNOWN_TRACE, address, asked, described, problems, row

from telltale.nouns.answers import Problem
from telltale.server.forms import PROBLEM_JSON
from telltale.server.route import ANY_BYTES, Permission
from telltale.server.rpc_status import RPC_STATUS
from telltale.server.table import ROUTES

DATA = [route for route in ROUTES if route.query is not None]
OF_A_TRACE = [route for route in ROUTES if "{trace_id}" in route.path]
PROBLEM_KEYS = set(Problem.__struct_fields__)


def assert_refused(route, answer, status, slug):
    """A problem in the form of the route, and the words that tell it."""
    if route.fails_as is PROBLEM_JSON:
        return str(assert_problem(answer, status, slug))
    # As OpenTelemetry has it; a request that names no encoding is answered in JSON.
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert set(told) == {"code", "message"} and told["code"] > 0
    return told["message"]


def assert_problem(answer, status, slug):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == PROBLEM_KEYS
    assert (problem["type"], problem["status"]) == (f"/problems/{slug}", status)
    assert problem["detail"] and problem["title"]
    return problem


@pytest.mark.parametrize("route", ROUTES, ids=row)
def test_a_route_has_permission_documentation_and_known_problems(route):
    assert isinstance(route.permission, Permission)
    assert route.summary.endswith(".") and len(route.summary) > 10
    assert route.handler.__doc__
    assert all(HTTPStatus(status) for status in route.problems)
    assert bool(route.body) == (route.body_limit > 0) == (route.method == "POST")


def test_what_writes_needs_more_than_reading():
    for route in ROUTES:
        allowed = {Permission.PUBLIC, Permission.READ}
        assert (route.permission in allowed) == (route.method == "GET"), row(route)


@pytest.mark.parametrize("route", ROUTES, ids=row)
def test_a_foreign_host_is_refused_everywhere(http, route):
    answer = http.request(route.method, address(route), headers={"Host": "evil.example"})

    words = assert_refused(route, answer, 403, "foreign-host")
    assert "evil.example" in words and "--allowed-host" in words


@pytest.mark.parametrize("route", DATA, ids=row)
def test_an_unknown_parameter_is_named(http, route):
    answer = http.request(route.method, address(route), params={"nonsense": "1"})

    assert "'nonsense'" in assert_refused(route, answer, 400, "bad-input")


@pytest.mark.parametrize("route", OF_A_TRACE, ids=row)
def test_what_cannot_be_a_trace_id_is_named(http, route):
    answer = asked(http, route, trace_id="xyz")

    assert assert_problem(answer, 400, "bad-id")["given"] == "xyz"


@pytest.mark.parametrize("route", OF_A_TRACE, ids=row)
@pytest.mark.parametrize("prefix", ["", "tr-"])
def test_a_trace_that_is_not_stored_is_not_found(http, route, prefix):
    answer = asked(http, route, trace_id=prefix + UNKNOWN_TRACE)

    assert assert_problem(answer, 404, "not-found")["remedy"]


@pytest.mark.parametrize("route", ROUTES, ids=row)
def test_no_answer_is_taken_for_another_type_than_it_says(server, http, route):
    method = "HEAD" if route.method == "GET" else route.method
    answers = [
        http.request(method, address(route), headers={"Host": "evil.example"}),
        http.request("PATCH", address(route)),
        # A connection of its own: where nothing is read of a body, it cannot be used again.
        httpx2.request(method, server.base_url + address(route)),
    ]

    assert {answer.headers.get("x-content-type-options") for answer in answers} == {"nosniff"}


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/api/v1/trace", "/nothing", "/ui/x"])
def test_a_path_without_a_route_is_a_problem_too(http, path):
    assert_problem(http.get(path), 404, "no-such-path")


def test_a_misspelt_path_is_answered_with_the_nearest(http):
    suggestions = http.get("/api/v1/experiment").json()["suggestions"]

    assert suggestions[0] == "/api/v1/experiments"


@pytest.mark.parametrize("route", ROUTES, ids=row)
def test_a_method_without_a_route_is_a_problem_too(http, route):
    answer = http.request("PATCH", address(route))

    assert_refused(route, answer, 405, "no-such-method")
    assert route.method in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/v1/openapi.json"])
def test_openapi_describes_every_row(http, path):
    document = http.get(path).json()

    for route in ROUTES:
        says = described(document, route)
        assert says["summary"] == route.summary
        assert says["x-permission"] == route.permission
        assert problems(document, route) == set(route.problems)


def test_openapi_tells_of_each_problem_that_can_come(http):
    document = http.get("/api/openapi.json").json()

    always, asked, stored = {403, 500}, {400}, {503, 507}
    for route in ROUTES:
        said = problems(document, route)
        assert said >= always
        assert (said >= asked) == (route in DATA), row(route)
        assert (said >= {*asked, *stored, 404}) or route not in OF_A_TRACE, row(route)
    taking = always | asked | {408, 413, 415, 503}
    for route in ROUTES:
        if route.body:
            # OpenTelemetry's exporters would not come again after a 507.
            own = taking if route.fails_as is RPC_STATUS else taking | stored
            assert problems(document, route) == own | set(route.errors), row(route)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=row)
def test_what_takes_a_body_says_which_and_refuses_others(server, route):
    refused = [
        httpx2.post(server.base_url + address(route), content=b"x", headers=headers)
        for headers in (
            {"Content-Type": "text/csv"},
            {"Content-Type": route.body[0], "Content-Encoding": "br"},
        )
    ]

    assert route.permission is Permission.WRITE
    assert refused[1].status_code == 415 and "identity" in refused[1].text
    assert refused[0].status_code == (400 if ANY_BYTES in route.body else 415)


def test_openapi_points_only_at_what_it_holds(http):
    document = http.get("/api/openapi.json").json()

    pointed = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert {"Trace", "Skeleton", "SpanDetail", "Problem", "LiveChanges"} <= pointed
    assert pointed <= set(document["components"]["schemas"])
    ids = [of["operationId"] for methods in document["paths"].values() for of in methods.values()]
    assert len(ids) == len(set(ids))


def test_openapi_lists_query_parameters_with_their_bounds(http):
    document = http.get("/api/openapi.json").json()

    parameters = document["paths"]["/api/v1/traces"]["get"]["parameters"]
    limit = next(parameter for parameter in parameters if parameter["name"] == "limit")
    assert limit["required"] is False
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 1000)


@pytest.mark.parametrize("path", ["version", "export", "live"])
def test_head_is_answered_like_get_without_the_body(server, path):
    answer = httpx2.head(f"{server.base_url}/api/v1/{path}")

    assert (answer.status_code, answer.content) == (200, b"")
