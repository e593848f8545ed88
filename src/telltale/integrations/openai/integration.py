"""What is patched in the openai client, as one value."""

from telltale.integrations.openai.chat import chat
from telltale.integrations.openai.embeddings import embeddings
from telltale.integrations.openai.responses import responses
from telltale.integrations.stainless import retries_of
from telltale.tracing.integration import Integration

_COMPLETIONS = "openai.resources.chat.completions.completions"
_ONE_MODULE = "openai.resources.chat.completions"
"""What is a package now, in 1.40."""
_BETA = "openai.resources.beta.chat.completions"
"""Where `parse` was before 1.92."""
_RESPONSES = "openai.resources.responses.responses"

INTEGRATION = Integration(
    name="openai",
    package="openai",
    versions=">=1.40,<3",
    targets=(
        chat(path=f"{_COMPLETIONS}:Completions.create"),
        chat(path=f"{_COMPLETIONS}:Completions.parse"),
        chat(path=f"{_COMPLETIONS}:AsyncCompletions.create"),
        chat(path=f"{_COMPLETIONS}:AsyncCompletions.parse"),
        *(
            chat(path=f"{_ONE_MODULE}:{name}.create", unless=f"{_COMPLETIONS}:{name}.create")
            for name in ("Completions", "AsyncCompletions")
        ),
        chat(path=f"{_BETA}:Completions.parse"),
        chat(path=f"{_BETA}:AsyncCompletions.parse"),
        responses(path=f"{_RESPONSES}:Responses.create"),
        responses(path=f"{_RESPONSES}:Responses.parse"),
        responses(path=f"{_RESPONSES}:AsyncResponses.create"),
        responses(path=f"{_RESPONSES}:AsyncResponses.parse"),
        embeddings(path="openai.resources.embeddings:Embeddings.create"),
        embeddings(path="openai.resources.embeddings:AsyncEmbeddings.create"),
    ),
    patches=retries_of("openai"),
)
