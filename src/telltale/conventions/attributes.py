"""Names of the attributes that we write and read.

OpenTelemetry's GenAI conventions wherever they have a name, `telltale.*` for what they lack. The
conventions are all "in development", and OpenTelemetry's own Python constants for them are
deprecated since they moved to a repository of their own: hence this list, at a recorded commit.
Older spellings stand with the reader that accepts them, not here: we never write them.
"""

SEMCONV = "open-telemetry/semantic-conventions-genai@e9de14bafd9725937c6b0c219897260074a2896c"
"""The commit whose `model/gen-ai/registry.yaml` the names below were read from, word for word.

Its schema URL was still `https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev`."""

# What a span is.
OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
CONVERSATION = "gen_ai.conversation.id"
"""The session: a string of the user's that groups traces of one experiment."""
USER = "user.id"
ERROR_TYPE = "error.type"
WORKFLOW_NAME = "gen_ai.workflow.name"
AGENT_NAME = "gen_ai.agent.name"
AGENT_ID = "gen_ai.agent.id"

# What a model was asked.
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_TOP_P = "gen_ai.request.top_p"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_SEED = "gen_ai.request.seed"
REQUEST_STOP_SEQUENCES = "gen_ai.request.stop_sequences"
REQUEST_FREQUENCY_PENALTY = "gen_ai.request.frequency_penalty"
REQUEST_PRESENCE_PENALTY = "gen_ai.request.presence_penalty"
REQUEST_CHOICE_COUNT = "gen_ai.request.choice.count"
REQUEST_STREAM = "gen_ai.request.stream"
SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
"""JSON: `[{type: text, content}]`, for what is told apart from the chat history."""
INPUT_MESSAGES = "gen_ai.input.messages"
"""JSON: `[{role, parts: [{type: text | reasoning | tool_call | tool_call_response, …}]}]`."""
TOOL_DEFINITIONS = "gen_ai.tool.definitions"
"""JSON: `[{type: function, name, description, parameters}]`."""
EMBEDDING_DIMENSIONS = "gen_ai.embeddings.dimension.count"

# What it answered.
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
FINISH_REASONS = "gen_ai.response.finish_reasons"
TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
"""Seconds, from the request's start."""
OUTPUT_MESSAGES = "gen_ai.output.messages"
"""As `INPUT_MESSAGES`; one message a choice, with `finish_reason`."""
INPUT_TOKENS = "gen_ai.usage.input_tokens"
"""All of them, cached ones included."""
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
"""All of them, reasoning included."""
CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"

# A tool.
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_CALL_ID = "gen_ai.tool.call.id"
TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT = "gen_ai.tool.call.result"
TOOL_FROM_CACHE = "telltale.tool.from_cache"

# Retrieval and memory.
RETRIEVAL_QUERY = "gen_ai.retrieval.query.text"
RETRIEVAL_DOCUMENTS = "gen_ai.retrieval.documents"
"""JSON: `[{id, score, content, …}]`."""
MEMORY_QUERY = "gen_ai.memory.query.text"
MEMORY_RESULTS = "gen_ai.memory.records"
"""JSON: `[{content, id, score, metadata}]`, found or stored."""
MEMORY_COUNT = "gen_ai.memory.record.count"
MEMORY_LIMIT = "telltale.memory.limit"
KNOWLEDGE_QUERY = RETRIEVAL_QUERY
KNOWLEDGE_RESULTS = "telltale.knowledge.results"
"""One text: crewAI glues what it found together, without ids or scores."""

# A database, by OpenTelemetry's conventions of its own for them: of vectors here.
DB_SYSTEM = "db.system.name"
DB_COLLECTION = "db.collection.name"
DB_OPERATION = "db.operation.name"
DB_RETURNED = "db.response.returned_rows"

# Ours: the span.
KIND = "telltale.kind"
"""A value of `nouns.span.Kind`."""
SPAN_TYPE = "telltale.span_type"
"""The type that a program gave in MLflow's words, or its own."""
INPUTS = "telltale.inputs"
"""JSON text or plain text. Not on LLM spans: they carry messages, and need no twin of them."""
OUTPUTS = "telltale.outputs"
LABEL = "telltale.label"
STATE = "telltale.state"
"""Written by export: running, ended, lost."""
COST_USD = "telltale.cost_usd"
"""Written by export: a decimal string."""
ADDED = "telltale.added"
"""Written by export: names of the attributes that it computed; import takes them off again."""
CUT_OFF = "telltale.cut_off"
"""Why a span ends before what it stands for: autolog was switched off."""
FOREIGN_PARENT = "telltale.foreign_parent"
"""`<trace id>-<span id>`, hex, of a parent that some other tracer made."""

ATTEMPT_EVENT = "telltale.attempt.failed"
"""Name of an event: one try inside the span failed, and there may have been another."""
LINK = "telltale.link"
"""On a link: what the other span is to this one, for example `knowledge ingestion`."""

# Ours: the trace.
EXPERIMENT = "telltale.experiment"
"""On a resource: the experiment that its spans belong to."""
TRACE_TAG = "telltale.trace.tag."
"""Prefix: the rest of the key is the tag's name."""

# Ours: crews.
CREW_NAME = "telltale.crew.name"
CREW_ID = "telltale.crew.id"
CREW_PROCESS = "telltale.crew.process"
CREW_DEFINITION = "telltale.crew.definition"
"""A hash that runs of the same crew share, whatever their inputs."""
CREW_OP = "telltale.crew.op"
"""What a span of a broad kind does: read, write, ingest, query, batch, delegate, …

Of a task, a crew or a flow, what became of it beside its status: skipped, resumed, paused.
"""
CREW_PURPOSE = "telltale.crew.purpose"
"""Why an LLM was called: agent, recall, rewrite, extract, encode, plan, guardrail."""
GUARDRAIL_TYPE = "telltale.guardrail.type"
"""function, llm, hallucination."""
GUARDRAIL_RULE = "telltale.guardrail.rule"
GUARDRAIL_ATTEMPT = "telltale.guardrail.attempt"
"""Which output of the task it judges, from 1."""
GUARDRAIL_PASSED = "telltale.guardrail.passed"
MCP_SERVER = "telltale.mcp.server"
MCP_TRANSPORT = "telltale.mcp.transport"
A2A_ENDPOINT = "telltale.a2a.endpoint"
"""Address of a remote agent's card, without what may be a key."""
A2A_CONTEXT = "telltale.a2a.context"
"""The remote agent's id of the conversation; turns of it share it."""
A2A_TURN = "telltale.a2a.turn"
"""Which question of the conversation it is, from 1."""
A2A_STATE = "telltale.a2a.state"
"""What became of the remote task, in the protocol's word: completed, input-required, failed, …"""
TASK_ID = "telltale.task.id"
TASK_INDEX = "telltale.task.index"
TASK_DESCRIPTION = "telltale.task.description"
TASK_EXPECTED_OUTPUT = "telltale.task.expected_output"
TASK_CONTEXT = "telltale.task.context"
AGENT_KEY = "telltale.agent.key"
AGENT_ROLE = "telltale.agent.role"
AGENT_GOAL = "telltale.agent.goal"
AGENT_TOOLS = "telltale.agent.tools"
"""Names of the tools that it may use."""
