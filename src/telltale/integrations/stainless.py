"""What the clients of OpenAI and of Anthropic have in common: one generator has made both."""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from telltale.integrations.reading import field
from telltale.tracing.calls import attempt_failed
from telltale.tracing.guard import sheltered
from telltale.tracing.patching import Patch
from telltale.tracing.state import TRACING
from telltale.tracing.streams import Watch


def learn_keys(client: Any, kwargs: Mapping[str, Any]) -> None:
    """Mask what a client sends along to say who it is."""
    secrets = TRACING.secrets
    for name in ("api_key", "auth_token"):
        secrets.learn(getattr(client, name, None))
    secrets.learn_headers(getattr(client, "_custom_headers", None))
    secrets.learn_headers(kwargs.get("extra_headers"))


def parsed(result: Any) -> Any:
    """`with_raw_response` gives an unparsed answer; parsing is remembered by the client.

    Not so `with_streaming_response`: to parse its answer is to read a body that the user wants to
    read piece by piece.
    """
    return result.parse() if type(result).__name__ == "LegacyAPIResponse" else result


def watch_stream(result: Any, watch: Watch) -> Any:
    """Look on while the user advances the stream; its class stays the client's own."""
    stream = parsed(result)
    # A helper around a stream reads it by itself.
    stream = getattr(stream, "_raw_stream", stream)
    iterator = getattr(stream, "_iterator", None)
    if iterator is not None and hasattr(stream, "__next__"):
        stream._iterator = watch.over(iterator)
    elif iterator is not None and hasattr(stream, "__anext__"):
        stream._iterator = watch.over_async(iterator)
    else:
        return None
    watch.until_closed(field(stream, "response"))
    return result


def retries_of(package: str) -> tuple[Patch, ...]:
    """Where the client of a package is about to try once more."""
    patches = []
    for client in ("SyncAPIClient", "AsyncAPIClient"):
        path = f"{package}._base_client:{client}"
        patches += [
            Patch(f"{path}._sleep_for_retry", _trying_again),
            # Before that was a function: openai 1.40, anthropic 0.40.
            Patch(f"{path}._retry_request", _trying_again, unless=f"{path}._sleep_for_retry"),
        ]
    return tuple(patches)


def _trying_again(original: Callable[..., Any]) -> Callable[..., Any]:
    """Stand-in for what a client does between two tries."""

    @functools.wraps(original)
    def trying_again(client: Any, *args: Any, **kwargs: Any) -> Any:
        with sheltered("reading a client's failed try"):
            if (error := _failure(client, kwargs.get("response"))) is not None:
                attempt_failed(error)
        return original(client, *args, **kwargs)

    return trying_again


def _failure(client: Any, response: Any) -> BaseException | None:
    """What the client would raise, had it no more tries.

    Args:
        response: Given by most versions. Anthropic's client 2 handles no error where it tries
            again; older ones do, and some of them tell the response by the error alone.
    """
    raised = sys.exception()
    if response is None:
        response = getattr(raised, "response", None)
    make = getattr(client, "_make_status_error_from_response", None)
    if response is None or make is None:
        return raised
    made: BaseException = make(response)
    return made
