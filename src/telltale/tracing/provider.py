"""A tracer provider of our own: always on, without limits, and not the global one.

Sampler and limits are given, not read from the environment: an `OTEL_TRACES_SAMPLER` or an
attribute limit that was meant for another back end must not thin out these traces.
"""

import os
import platform
import socket
import sys
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from telltale.tracing.guard import say_once
from telltale.tracing.ids import UrandomIds
from telltale.tracing.serialise import clean

_NO_LIMITS = SpanLimits(
    max_span_attributes=SpanLimits.UNSET,
    max_events=SpanLimits.UNSET,
    max_links=SpanLimits.UNSET,
    max_event_attributes=SpanLimits.UNSET,
    max_link_attributes=SpanLimits.UNSET,
    max_attribute_length=SpanLimits.UNSET,
    max_span_attribute_length=SpanLimits.UNSET,
)
_DISABLED = "OTEL_SDK_DISABLED"


def make_provider(
    processor: SpanProcessor, resource: Resource, *, ignore_otel_disabled: bool
) -> TracerProvider:
    """A provider whose spans all go to `processor`."""
    disabled = os.environ.get(_DISABLED, "").strip().lower() == "true"
    if disabled and ignore_otel_disabled:
        # The SDK reads the variable once, in the constructor.
        given = os.environ.pop(_DISABLED)
        try:
            provider = _provider(resource)
        finally:
            os.environ[_DISABLED] = given
    else:
        provider = _provider(resource)
    if disabled and not ignore_otel_disabled:
        say_once(
            _DISABLED,
            "Telltale: OTEL_SDK_DISABLED=true switches tracing off. If it was set to silence "
            "crewAI's telemetry, CREWAI_DISABLE_TELEMETRY=true does that and no more; or call "
            "telltale.configure(ignore_otel_disabled=True).",
        )
    provider.add_span_processor(processor)
    return provider


def process_resource(sdk_version: str) -> Resource:
    """What is said of this process with its spans; `OTEL_RESOURCE_ATTRIBUTES` is heard."""
    attributes: dict[str, Any] = {
        "service.name": Path(sys.argv[0]).name or "python" if sys.argv else "python",
        "telemetry.sdk.name": "telltale",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": sdk_version,
        "process.pid": os.getpid(),
        "process.runtime.name": sys.implementation.name,
        "process.runtime.version": platform.python_version(),
        "host.name": socket.gethostname(),
    }
    said = Resource(attributes).merge(OTELResourceDetector().detect()).attributes
    # A file's name need not be UTF-8.
    return Resource({k: clean(v) if isinstance(v, str) else v for k, v in said.items()})


def _provider(resource: Resource) -> TracerProvider:
    return TracerProvider(
        sampler=ALWAYS_ON,
        resource=resource,
        shutdown_on_exit=False,
        id_generator=UrandomIds(),
        span_limits=_NO_LIMITS,
    )
