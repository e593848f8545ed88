"""Metrics of an export request, counted; what is in them is not read."""

from telltale.otlp.envelope import groups
from telltale.otlp.wire import items, record


def count_protobuf(body: bytes) -> int:
    """How many there are in an export request.

    Raises:
        BadInput: If it is not framed as protobuf is.
    """
    return sum(len(group.items) for group in groups(body))


def count_json(data: object) -> int:
    """How many there are in the same as JSON.

    Raises:
        BadInput: If it is not built as such a request is.
    """
    return sum(
        len(items(record(scope, "scope metrics"), "metrics"))
        for resource in items(record(data, "metrics data"), "resourceMetrics")
        for scope in items(record(resource, "resource metrics"), "scopeMetrics")
    )
