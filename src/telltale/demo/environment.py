"""The environment in which a crew runs offline, against the scripted server."""

from collections.abc import Mapping
from pathlib import Path


def offline_environment(base_url: str, storage_dir: str | Path) -> Mapping[str, str]:
    """Variables to add to a process's environment before crewAI is imported.

    `OTEL_SDK_DISABLED` is left alone although crewAI's documents name it: it would silence the
    user's own tracing, ours included.

    Args:
        base_url: The scripted server's address, with `/v1`.
        storage_dir: Where crewAI keeps memory and knowledge; a new one is an empty memory.
    """
    return {
        # The client wants a key; the scripted server wants none.
        "OPENAI_API_KEY": "scripted",
        # crewAI's LLM reads one name, chromadb's embedding function the other.
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_BASE": base_url,
        # A proxy from the user's environment must not see calls to this machine.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        **live_environment(storage_dir),
    }


def live_environment(storage_dir: str | Path) -> Mapping[str, str]:
    """The same for a run with the user's own models: nothing is said of where they are."""
    return {
        "CREWAI_STORAGE_DIR": str(Path(storage_dir).absolute()),
        "CREWAI_DISABLE_TELEMETRY": "true",
        # The question at a first run whether to send traces: not covered by the former.
        "CREWAI_TRACING_ENABLED": "false",
        "CREWAI_DISABLE_VERSION_CHECK": "true",
        "CREWAI_TESTING": "true",
        "ANONYMIZED_TELEMETRY": "false",
        # LiteLLM fetches its table of prices from GitHub at import, and goes on trying.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
