"""Why crewAI asks: told by the schema's name or, where there is none, by the first words.

crewAI 1.15.30 writes these prompts in English whatever language the crew speaks (its
`translations/en.json`), so that they are told apart safely.
"""

from telltale.demo.scripted_llm.request import ChatRequest

BY_SCHEMA = {
    "QueryAnalysis": "recall",
    "ExtractedMemories": "extract",
    "MemoryAnalysis": "encode",
    "ConsolidationPlan": "encode",
    "LLMGuardrailResult": "guardrail",
    "PlannerTaskPydanticOutput": "plan",
    "ReasoningPlan": "plan",
    "StepObservation": "plan",
}
BY_OPENING = {
    "Your goal is to rewrite the user query": "rewrite",
    "You analyze a query for searching memory": "recall",
    "You extract discrete, reusable memory statements": "extract",
    "You analyze content to be stored": "encode",
    "You are comparing new content against existing memories": "encode",
    "You are a strategic planning assistant": "plan",
    "You are a Planning Agent": "plan",
}
AGENT = "agent"


def purpose_of(request: ChatRequest) -> str:
    """The purpose; an agent's own turn is what nothing else claims."""
    if request.schema and request.schema.name in BY_SCHEMA:
        return BY_SCHEMA[request.schema.name]
    opening = next((message.text for message in request.messages if message.text), "")
    for words, purpose in BY_OPENING.items():
        if opening.startswith(words):
            return purpose
    return AGENT
