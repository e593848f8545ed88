"""What is patched in crewAI, as one value."""

from telltale.integrations.crewai import knowledge, observe, scopes, wraps
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch

INTEGRATION = Integration(
    name="crewai",
    package="crewai",
    versions=">=1.15,<2",
    patches=(
        Patch(
            "crewai.events.event_bus:CrewAIEventsBus._prepare_event",
            observe.observing,
            required=True,
        ),
        Patch("crewai.crew:Crew.kickoff", wraps.kickoff),
        Patch("crewai.crew:Crew.akickoff", wraps.akickoff),
        Patch("crewai.flow.runtime:Flow.kickoff_async", wraps.flow_kickoff),
        Patch("crewai.knowledge.knowledge:Knowledge.add_sources", knowledge.ingesting),
        Patch("crewai.knowledge.knowledge:Knowledge.aadd_sources", knowledge.ingesting_async),
        Patch("crewai.memory.unified_memory:Memory.extract_memories", wraps.extracting),
    ),
    joins=observe.JOINS,
    on_uninstall=scopes.forget_all,
)
