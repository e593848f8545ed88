"""See, test and ship LLM agents.

    import telltale

    telltale.crewai.autolog()

Names are loaded when they are first used, so that `import telltale` costs next to nothing.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "configure": "telltale.tracing.control",
    "flush": "telltale.tracing.control",
    "set_experiment": "telltale.tracing.control",
    "set_tracking_uri": "telltale.tracing.control",
    "get_tracking_uri": "telltale.tracing.control",
    "get_current_active_span": "telltale.tracing.spans",
    "start_span": "telltale.tracing.spans",
    "update_current_trace": "telltale.tracing.spans",
    "trace": "telltale.tracing.decorator",
    "TelltaleError": "telltale.nouns.errors",
}
_MODULES = ("anthropic", "azure", "bedrock", "crewai", "entities", "gemini", "litellm", "openai")

__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"telltale.{name}")
    if name in _HOMES:
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    if name == "__version__":
        return import_module("telltale.nouns.version").installed_version()
    raise AttributeError(f"module 'telltale' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
