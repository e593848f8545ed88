"""What is patched in crewAI, as one value."""

from telltale.integrations.crewai import (
    budget,
    embedders,
    kickoffs,
    knowledge,
    llms,
    observe,
    own_llms,
    people,
    rewritten,
    searches,
    streams,
    switched_off,
    wraps,
)
from telltale.integrations.crewai.around import argument, around
from telltale.nouns.span import Kind
from telltale.tracing.integration import Integration
from telltale.tracing.patching import Patch

_BATCH = around("batch", Kind.CHAIN, "batch", argument("inputs"))
_PROVIDER = "crewai.core.providers.human_input:SyncHumanInputProvider"
_CONSOLE = "crewai.flow.async_feedback.providers:ConsoleProvider"
_EXECUTORS = (
    "crewai.agents.agent_executor:AgentExecutor",
    "crewai.experimental.agent_executor:AgentExecutor",
    "crewai.agents.crew_agent_executor:CrewAgentExecutor",
)
"""Who lets a person look at an agent's answer, by whatever provider: today, and before."""
_REVIEWS = (
    ("_handle_human_feedback", people.reviewing),
    ("_ahandle_human_feedback", people.reviewing),
    ("_invoke_loop", people.working_again),
    ("_ainvoke_loop", people.working_again),
)
_FLOW = "crewai.flow.runtime:Flow"
_OLDER_FLOW = "crewai.flow.flow:Flow"
_STREAMS = "crewai.types.streaming"
_READ = ("CrewStreamingOutput", "FlowStreamingOutput", "StreamSessionBase")
_RUNS_OF_FLOWS = (
    ("kickoff", kickoffs.flow_kickoff),
    ("kickoff_async", kickoffs.flow_kickoff),
    ("resume", kickoffs.flow_kickoff),
    ("resume_async", kickoffs.flow_kickoff),
    ("_execute_method", kickoffs.method),
    ("_request_human_feedback", kickoffs.alone),
)


def _let_go() -> None:
    budget.hold_to(None)
    embedders.let_go()
    own_llms.let_go()
    switched_off.cut_off()


INTEGRATION = Integration(
    name="crewai",
    package="crewai",
    versions=">=0.105,<2",
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
        Patch("crewai.crew:Crew.kickoff", kickoffs.kickoff),
        Patch("crewai.crew:Crew.akickoff", kickoffs.kickoff),
        *(Patch(f"{_STREAMS}:{name}.__init__", streams.begun_where_asked) for name in _READ),
        Patch("crewai.agent.core:Agent.kickoff", kickoffs.lone_kickoff),
        Patch("crewai.agent.core:Agent.kickoff_async", kickoffs.lone_kickoff),
        # By which older agents are asked by themselves.
        Patch("crewai.lite_agent:LiteAgent.kickoff", kickoffs.lone_kickoff),
        Patch("crewai.crew:Crew.kickoff_for_each", _BATCH),
        Patch("crewai.crew:Crew.kickoff_for_each_async", _BATCH),
        Patch("crewai.crew:Crew.akickoff_for_each", _BATCH),
        Patch("crewai.crew:Crew.copy", rewritten.copying_a_crew),
        Patch("crewai.task:Task.copy", rewritten.copying_a_task),
        Patch("crewai.agents.agent_builder.base_agent:BaseAgent.copy", rewritten.copying_an_agent),
        Patch("crewai.crew:Crew._handle_crew_planning", rewritten.preparing),
        Patch("crewai.crew:Crew._create_manager_agent", rewritten.preparing),
        Patch("crewai.crew:Crew.train", around("train", Kind.CHAIN, "train", argument("inputs"))),
        Patch("crewai.crew:Crew.test", around("test", Kind.CHAIN, "test", argument("inputs"))),
        Patch(
            "crewai.crew:Crew.replay", around("replay", Kind.CHAIN, "replay", argument("task_id"))
        ),
        Patch(
            "crewai.utilities.planning_handler:CrewPlanner._handle_crew_planning",
            around("plan", Kind.PLAN, "plan", purpose="plan"),
        ),
        Patch(f"{_PROVIDER}._prompt_input", people.ASKING),
        Patch(f"{_PROVIDER}._prompt_input_async", people.ASKING),
        Patch(
            "crewai.agents.agent_builder.base_agent_executor_mixin:"
            "CrewAgentExecutorMixin._ask_human_input",
            people.ASKING,
        ),
        *(
            Patch(f"{executor}.{name}", stand_in)
            for executor in _EXECUTORS
            for name, stand_in in _REVIEWS
        ),
        Patch("crewai.flow.runtime:Flow._resolve_feedback_provider", people.choosing),
        Patch("crewai.llms.base_llm:BaseLLM._track_token_usage_internal", own_llms.counting),
        Patch("crewai.llms.base_llm:BaseLLM.__init_subclass__", own_llms.defining),
        # Older than the class that all models share.
        Patch("crewai.llm:LLM.call", own_llms.watched, unless="crewai.llms.base_llm:BaseLLM"),
        *(
            Patch(f"{flow}.{name}", stand_in, unless=unless and f"{unless}.{name}")
            for flow, unless in ((_FLOW, ""), (_OLDER_FLOW, _FLOW))
            for name, stand_in in _RUNS_OF_FLOWS
        ),
        Patch(f"{_CONSOLE}.request_feedback", kickoffs.alone),
        Patch(f"{_CONSOLE}.request_input", kickoffs.alone),
        Patch("crewai.memory.unified_memory:Memory._background_encode_batch", kickoffs.alone),
        Patch("crewai.agent.core:Agent._execute_without_timeout", wraps.working),
        Patch(
            "crewai.agent:Agent._execute_without_timeout",
            wraps.working,
            unless="crewai.agent.core:Agent._execute_without_timeout",
        ),
        Patch(
            "crewai.tasks.conditional_task:ConditionalTask.get_skipped_task_output",
            wraps.skipping,
        ),
        Patch("crewai.knowledge.knowledge:Knowledge.add_sources", knowledge.ingesting),
        Patch("crewai.knowledge.knowledge:Knowledge.aadd_sources", knowledge.ingesting),
        Patch("crewai.memory.unified_memory:Memory.extract_memories", wraps.extracting),
        Patch(
            "crewai.memory.storage.lancedb_storage:LanceDBStorage.search",
            searches.searching("lancedb"),
        ),
        Patch(
            "crewai.memory.storage.qdrant_edge_storage:QdrantEdgeStorage.search",
            searches.searching("qdrant"),
        ),
        Patch("crewai.rag.chromadb.client:ChromaDBClient.search", searches.searching("chromadb")),
        Patch("crewai.rag.chromadb.client:ChromaDBClient.asearch", searches.searching("chromadb")),
        Patch("crewai.rag.qdrant.client:QdrantClient.search", searches.searching("qdrant")),
        Patch("crewai.rag.qdrant.client:QdrantClient.asearch", searches.searching("qdrant")),
        Patch("crewai.rag.chromadb.client:ChromaDBClient.add_documents", embedders.holding),
        Patch("crewai.rag.chromadb.client:ChromaDBClient.aadd_documents", embedders.holding),
        Patch("crewai.rag.qdrant.client:QdrantClient.add_documents", embedders.holding),
        Patch("crewai.rag.qdrant.client:QdrantClient.aadd_documents", embedders.holding),
        Patch("crewai.memory.unified_memory:embed_text", embedders.embedding),
        Patch("crewai.memory.recall_flow:embed_texts", embedders.embedding),
        Patch("crewai.memory.encoding_flow:embed_texts", embedders.embedding),
        # Where every way to an embedder leads: `build_embedder` itself others know by name.
        Patch("crewai.rag.embeddings.factory:build_embedder_from_dict", embedders.building),
        Patch("crewai.rag.embeddings.factory:build_embedder_from_provider", embedders.building),
        Patch(
            "crewai.rag.embeddings.configurator:EmbeddingConfigurator.configure_embedder",
            embedders.building,
        ),
        Patch(
            "crewai.utilities.embedding_configurator:EmbeddingConfigurator.configure_embedder",
            embedders.building,
        ),
    ),
    joins=llms.JOINS,
    on_uninstall=_let_go,
)
