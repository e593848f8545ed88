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
        ),
        Patch(
            "crewai.events.event_bus:CrewAIEventsBus.emit",
            observe.observing_emit,
            required=True,
            unless="crewai.events.event_bus:CrewAIEventsBus._prepare_event",
        ),
        Patch(
            "crewai.utilities.events.crewai_event_bus:CrewAIEventsBus.emit",
            observe.observing_emit,
        ),
        Patch("crewai.crew:Crew.kickoff", wraps.kickoff),
        Patch("crewai.crew:Crew.akickoff", wraps.akickoff),
        Patch("crewai.flow.runtime:Flow.kickoff_async", wraps.flow_kickoff),
        Patch(
            "crewai.flow.flow:Flow.kickoff_async",
            wraps.flow_kickoff,
            unless="crewai.flow.runtime:Flow.kickoff_async",
        ),
        Patch("crewai.knowledge.knowledge:Knowledge.add_sources", knowledge.ingesting),
        Patch("crewai.knowledge.knowledge:Knowledge.aadd_sources", knowledge.ingesting_async),
        Patch("crewai.memory.unified_memory:Memory.extract_memories", wraps.extracting),
    ),
    joins=observe.JOINS,
    on_uninstall=scopes.forget_all,
)
