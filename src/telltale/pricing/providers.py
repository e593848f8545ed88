"""Names of providers → their id in the price table.

genai-prices guesses: any provider with "openai" in its name is OpenAI to it, a proxy of one's own
included, and Azure in OpenTelemetry's spelling too. A guess here is a wrong bill, so names are
matched whole.
"""

PROVIDERS = {
    # OpenTelemetry's well-known values of `gen_ai.provider.name`, and of the older `gen_ai.system`.
    "aws.bedrock": "aws",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "x_ai": "x-ai",
    "xai": "x-ai",
    # OpenInference's values of `llm.provider` and `llm.system`, where they differ from all others.
    "mistralai": "mistral",
    "vertexai": "google",
    # LiteLLM's prefixes and crewAI's routes.
    "azure_ai": "azure",
    "azure_openai": "azure",
    "bedrock": "aws",
    "cohere_chat": "cohere",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "google_genai": "google",
    "moonshot": "moonshotai",
    "together_ai": "together",
    "vertex_ai": "google",
    "voyage": "voyageai",
}

MAKERS = (
    ("gpt-oss", None),
    ("gpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("text-embedding-3-", "openai"),
    ("text-embedding-ada-", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "google"),
    ("voyage-", "voyageai"),
)
"""First letters of models that only their maker sells; the first match counts."""

UNSAID = frozenset({"litellm", "litellm_proxy", "_other", "unknown"})
"""Names of a provider that name none."""


def served_by(provider: str | None, model: str) -> tuple[str, tuple[str, ...]] | None:
    """Id of the provider whose price holds, and the model's names there; None if nobody is sure."""
    named = None if provider is None else provider.strip().lower()
    model = model.strip().lower()
    if named is not None and named not in UNSAID:
        provider_id = PROVIDERS.get(named, named)
        # LiteLLM writes the provider once more, before the model; some models are called so.
        return provider_id, (model, model.removeprefix(f"{named}/"))
    prefix, slash, rest = model.partition("/")
    if slash:
        return PROVIDERS.get(prefix, prefix), (rest,)
    maker = next((maker for start, maker in MAKERS if model.startswith(start)), None)
    return (maker, (model,)) if maker else None
