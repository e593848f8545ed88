"""The rows of the route table, as tests ask them and as the API's description has them."""

import re

from telltale.server.routes.deletion import WhatToDelete
from telltale.server.routes.experiments import Keep
from telltale.server.routes.feedback import NewFeedback, TagChanges
from telltale.server.routes.rereading import WhatToRead

UNKNOWN_TRACE = "1" * 32
EXAMPLES = {
    "trace_id": UNKNOWN_TRACE,
    "span": "0",
    "feedback_id": "2" * 32,
    "rest": "x",
    "build": "0" * 12,
    "file": "a.js",
}
BODIES = {
    WhatToDelete: {"trace_ids": []},
    NewFeedback: {"name": "a", "value": 1},
    TagChanges: {},
    WhatToRead: {},
    Keep: {"experiment": "0"},
}
"""What a JSON body may be, by its type."""


def row(route):
    """A row's name in a test's id."""
    return f"{route.method} {route.path}"


def address(route, **given):
    """A path of the row, with examples in its braces."""
    values = EXAMPLES | given
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: values[found[1]], route.path)


def asked(http, route, **given):
    """The row's request, with a body where it takes one; the answer."""
    body = {} if route.given is None else {"json": BODIES[route.given]}
    return http.request(route.method, address(route, **given), **body)


def described(document, route):
    """What the API's description says of a row."""
    return document["paths"][re.sub(r":\w+}", "}", route.path)][route.method.lower()]


def problems(document, route):
    """The statuses of the problems that a row says it answers with."""
    return {int(status) for status in described(document, route)["responses"]} - {200}
