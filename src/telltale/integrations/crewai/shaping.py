"""What shapes an answer, as plain data: models with their parameters, guardrails, forms, sources.

None of it holds a key, an address in memory or an address of a server, and all of it reads alike in
every process.
"""

import functools
import weakref
from types import CodeType
from typing import Any

from telltale.integrations.crewai.opened import listed, text
from telltale.tracing.secrets import is_secret_name

_PARAMETERS = (
    "additional_model_request_fields",
    "additional_params",
    "frequency_penalty",
    "guardrail_config",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "n",
    "presence_penalty",
    "provider",
    "reasoning_effort",
    "response_format",
    "safety_settings",
    "seed",
    "temperature",
    "thinking",
    "top_k",
    "top_p",
)
_SCALARS = (bool, int, float, str)
_DEEPEST = 5
_LAMBDA = "<lambda>"
_OBSERVATION = "\nObservation:"
"""Where older versions let a model stop, from when its agent begins to work."""
_forms: weakref.WeakKeyDictionary[type, Any] = weakref.WeakKeyDictionary()
"""Schemas take long to make, and a class has one."""


def plainly(held: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those that are said: versions do not agree on what else is None, empty or switched off."""
    found = ((name, _plain(held.get(name))) for name in names)
    return {
        name: value
        for name, value in found
        if value is not None and value is not False and value not in ("", {})
    }


def model(llm: Any, added_to_stop: tuple[str, ...] = ()) -> dict[str, Any] | None:
    """A model with its parameters; one that only has a name so far, with that.

    Args:
        added_to_stop: Other words of crewAI's own at which it stops.
    """
    if llm is None or isinstance(llm, str):
        return {"model": llm} if llm else None
    held = _held(llm)
    stop = held.get("stop")
    words = [stop] if isinstance(stop, str) else sorted(map(str, listed(stop)))
    return {
        "class": type(llm).__name__,
        "model": text(held.get("model")) or "",
        "stop": [word for word in words if word not in (_OBSERVATION, *added_to_stop)],
        **plainly(held, _PARAMETERS),
    }


def called(function: Any) -> Any:
    """A guardrail or a condition: its words, or the function's name.

    What a function does is not told, for Python's bytecode is not the same in each of its versions;
    but of one without a name, which names and constants are in it.
    """
    if function is None or isinstance(function, str):
        return function
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "__func__", function)
    name = text(getattr(function, "__qualname__", None))
    code = getattr(function, "__code__", None)
    if name is None:
        words = text(_held(function).get("description"))
        return [type(function).__name__, words]
    return [name, *_said_in(code)] if name.endswith(_LAMBDA) and code is not None else [name]


def form(cls: Any) -> Any:
    """What an answer is to be made of: a class's schema."""
    if not isinstance(cls, type):
        return _plain(cls)
    if cls not in _forms:
        _forms[cls] = _schema(cls)
    return _forms[cls]


def sources(given: Any) -> list[str]:
    """Their kinds; what they hold is not the crew's."""
    return [type(source).__name__ for source in listed(given)]


def _held(value: Any) -> dict[str, Any]:
    held = getattr(value, "__dict__", None)
    return held if isinstance(held, dict) else {}


def _schema(cls: type) -> Any:
    """The user's class may refuse to tell; crewAI asks for it as well."""
    try:
        return [cls.__name__, cls.model_json_schema()]  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001  see above
        return [cls.__name__, sorted(getattr(cls, "__annotations__", ()))]


def _plain(value: Any, depth: int = 0) -> Any:
    """Without what may be a key, and without what has no value but itself."""
    if value is None or type(value) in _SCALARS:
        return value
    if depth >= _DEEPEST:
        return type(value).__name__
    if isinstance(value, dict):
        return {
            str(key): said
            for key, one in value.items()
            if not is_secret_name(str(key)) and "header" not in str(key).lower()
            if (said := _plain(one, depth + 1)) != {}
        }
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, type):
        return form(value)
    held = _held(value)
    return [type(value).__name__, _plain(held, depth + 1)] if held else type(value).__name__


def _said_in(code: CodeType) -> list[Any]:
    constants = [one for one in code.co_consts if isinstance(one, _SCALARS)]
    return [list(code.co_names), constants]
