"""The rows of the route table, as tests ask them and as the API's description has them."""

import re

UNKNOWN_TRACE = "1" * 32
EXAMPLES = {"trace_id": UNKNOWN_TRACE, "span": "0", "rest": "x", "build": "0" * 12, "file": "a.js"}


def row(route):
    """A row's name in a test's id."""
    return f"{route.method} {route.path}"


def address(route, **given):
    """A path of the row, with examples in its braces."""
    values = EXAMPLES | given
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: values[found[1]], route.path)


def described(document, route):
    """What the API's description says of a row."""
    return document["paths"][re.sub(r":\w+}", "}", route.path)][route.method.lower()]


def problems(document, route):
    """The statuses of the problems that a row says it answers with."""
    return {int(status) for status in described(document, route)["responses"]} - {200}
