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
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Tracer
from opentelemetry.util.types import Attributes

from telltale.tracing.guard import say_once
from telltale.tracing.ids import UrandomIds
from telltale.tracing.recorder import Recorder
from telltale.tracing.serialise import clean
from telltale.tracing.settings import OTEL_DISABLED, is_otel_disabled
from telltale.tracing.tracer import NO_LIMITS, RecordingTracer


class Provider(TracerProvider):
    """All spans of its tracers are recorded."""

    def __init__(self, resource: Resource, recorder: Recorder) -> None:
        super().__init__(
            sampler=ALWAYS_ON,
            resource=resource,
            shutdown_on_exit=False,
            id_generator=UrandomIds(),
            span_limits=NO_LIMITS,
        )
        self.recorder = recorder

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        """A tracer of ours; where the SDK is switched off, one that does nothing."""
        said = instrumenting_module_name, instrumenting_library_version, schema_url, attributes
        made = super().get_tracer(*said)
        if not isinstance(made, SdkTracer):
            return made
        return RecordingTracer(made, InstrumentationScope(*said), self.recorder)

    def _apply_tracer_configurator(self, instrumentation_scope: InstrumentationScope) -> Any:
        """The SDK's takes whatever is raised meanwhile for a fault: the user's time-out, too."""
        return self._tracer_configurator(instrumentation_scope)


def make_provider(
    recorder: Recorder, resource: Resource, *, ignore_otel_disabled: bool
) -> TracerProvider:
    """A provider whose spans are all recorded."""
    disabled = is_otel_disabled(os.environ)
    if disabled and ignore_otel_disabled:
        # The SDK reads the variable once, in the constructor.
        given = os.environ.pop(OTEL_DISABLED)
        try:
            provider = Provider(resource, recorder)
        finally:
            os.environ[OTEL_DISABLED] = given
    else:
        provider = Provider(resource, recorder)
    if disabled and not ignore_otel_disabled:
        say_once(
            OTEL_DISABLED,
            "Telltale: OTEL_SDK_DISABLED=true switches tracing off. If it was set to silence "
            "crewAI's telemetry, CREWAI_DISABLE_TELEMETRY=true does that and no more; or call "
            "telltale.configure(ignore_otel_disabled=True).",
        )
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
