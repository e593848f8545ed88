"""The openai client: chat completions, Responses and embeddings, sync, async and streamed.

Under a framework's own LLM span a call adds what only the client knows (the model that answered,
the time to the first chunk); anywhere else it is a span of its own.
"""

from telltale.integrations.openai.integration import INTEGRATION

__all__ = ["INTEGRATION"]
