-- The layout of traces.db, version 4 (`user_version`). migrations/ brings older files to it.
--
-- Numbers. A span's number is its trace's number and its ordinal in one integer:
-- span_no = trace_no * 2^24 + ordinal. All rows of a trace therefore lie side by side in every
-- table that is keyed by span_no, whatever order they arrived in: a trace is read, summed up and
-- deleted as one range, and needs no index for that. trace_no and text_no are given out once
-- and never again, because full-text postings outlive the rows that they point to.
--
-- STRICT, so that a value of the wrong type fails at once and not in a sum next year.
-- No foreign keys: parents, children and bodies may arrive and go in any order.

CREATE TABLE counter (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    seq      INTEGER NOT NULL,  -- raised for each trace that a transaction touches
    trace_no INTEGER NOT NULL,  -- the last one given out
    text_no  INTEGER NOT NULL   -- the last one given out
) STRICT;
INSERT INTO counter VALUES (1, 0, 0, 0);

-- One row a trace, recomputed from its spans by each transaction that touches them.
CREATE TABLE traces (
    trace_no           INTEGER PRIMARY KEY,  -- order of arrival
    trace_id           BLOB NOT NULL UNIQUE,
    experiment_id      INTEGER NOT NULL,     -- the first stored span's
    shown_no           INTEGER NOT NULL,     -- span_no that name to duration were taken from
    name               TEXT NOT NULL,
    kind               TEXT NOT NULL,
    state              TEXT NOT NULL,
    status             TEXT NOT NULL,
    input              TEXT NOT NULL,        -- one line, at most 240 characters
    output             TEXT NOT NULL,
    start_ns           INTEGER NOT NULL,
    duration_ns        INTEGER,
    spans              INTEGER NOT NULL,
    errors             INTEGER NOT NULL,
    llm_calls          INTEGER NOT NULL,
    tool_calls         INTEGER NOT NULL,
    input_tokens       INTEGER NOT NULL,
    output_tokens      INTEGER NOT NULL,
    cache_read_tokens  INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens   INTEGER NOT NULL,
    cost_pico          INTEGER,              -- NULL: none is known
    unpriced_calls     INTEGER NOT NULL,
    session            TEXT,
    user               TEXT,
    seq                INTEGER NOT NULL
) STRICT;
-- The list of one experiment, newest first. The row id ends every index, so (start_ns, trace_no)
-- is a total order that pages can continue from.
CREATE INDEX traces_of_experiment ON traces (experiment_id, start_ns);
-- The list over all experiments; with the index above SQLite would have to sort.
CREATE INDEX traces_newest ON traces (start_ns);
-- The same lists in other orders; what is not known is less than anything.
CREATE INDEX traces_by_duration ON traces (coalesce(duration_ns, -1));
CREATE INDEX traces_by_cost ON traces (coalesce(cost_pico, -1));
CREATE INDEX traces_by_tokens ON traces (input_tokens + output_tokens);
CREATE INDEX traces_of_experiment_by_duration ON traces (experiment_id, coalesce(duration_ns, -1));
CREATE INDEX traces_of_experiment_by_cost ON traces (experiment_id, coalesce(cost_pico, -1));
CREATE INDEX traces_of_experiment_by_tokens
    ON traces (experiment_id, input_tokens + output_tokens);
-- What changed since; unique, because each touched trace gets a seq of its own.
CREATE UNIQUE INDEX traces_changed ON traces (seq);

-- Narrow on purpose: skeleton and totals read every row of a trace and never a body.
CREATE TABLE spans (
    span_no            INTEGER PRIMARY KEY,
    trace_no           INTEGER NOT NULL AS (span_no >> 24),
    ordinal            INTEGER NOT NULL AS (span_no & 16777215),  -- order of arrival, permanent
    span_id            BLOB NOT NULL,
    parent_id          BLOB,
    parent_ordinal     INTEGER,  -- NULL while the parent is not stored
    name               TEXT NOT NULL,
    label              TEXT NOT NULL,
    kind               TEXT NOT NULL,
    state              TEXT NOT NULL,
    status             TEXT NOT NULL,
    start_ns           INTEGER NOT NULL,
    end_ns             INTEGER,
    dialect            TEXT NOT NULL,
    model              TEXT,
    provider           TEXT,
    tool               TEXT,
    agent              TEXT,
    input_tokens       INTEGER,  -- all five NULL where no usage was reported
    output_tokens      INTEGER,
    cache_read_tokens  INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens   INTEGER,
    cost_pico          INTEGER,
    price_ref          TEXT,
    error_type         TEXT,
    seq                INTEGER NOT NULL,
    reading_version    INTEGER NOT NULL,
    seen_ns            INTEGER,  -- lost: when its process was last heard of
    -- One row a span; also how a span is found by its id.
    UNIQUE (trace_no, span_id)
) STRICT;
-- The root of a trace of 100,000 spans without reading them; one entry a trace.
CREATE INDEX spans_root ON spans (trace_no, start_ns, span_id) WHERE parent_id IS NULL;
-- Children that arrived before their parent, for the moment when it does; nearly empty.
CREATE INDEX spans_waiting ON spans (trace_no, parent_id)
    WHERE parent_ordinal IS NULL AND parent_id IS NOT NULL;
-- No index on (trace_no, seq): what changed in a trace is a scan of its own rows, and such an
-- index would be rewritten by every end that follows a start.

-- Spans that have not ended, and the journal of the process that they run in: who falls silent
-- takes its spans with it. Few rows at any time; an end removes its own.
CREATE TABLE open_spans (
    span_no INTEGER PRIMARY KEY,
    journal BLOB NOT NULL  -- its 16 bytes
) STRICT;
CREATE INDEX open_spans_of_journal ON open_spans (journal);

-- The raw spans, each once. codec 0: msgpack map of RawSpan with field names, without resource.
CREATE TABLE bodies (
    span_no     INTEGER PRIMARY KEY,
    codec       INTEGER NOT NULL,
    resource_no INTEGER,  -- NULL: it has none
    raw         BLOB NOT NULL
) STRICT;

-- What is known of a process: the same for all its spans, so kept once. body is msgpack.
CREATE TABLE resources (
    resource_no INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL UNIQUE,
    body        BLOB NOT NULL
) STRICT;

-- What a span says about its whole trace: key is session, user or tag:<its key>. Kept by span,
-- so that session, user and tags can be derived again when a span is replaced.
CREATE TABLE trace_facts (
    span_no INTEGER NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (span_no, key)
) STRICT, WITHOUT ROWID;

-- Origin span is derived from trace_facts; origin user is what a person said: it is shown instead
-- and never recomputed. A value of NULL is a tag that a person took away.
CREATE TABLE trace_tags (
    trace_no INTEGER NOT NULL,
    key      TEXT NOT NULL,
    origin   TEXT NOT NULL CHECK (origin IN ('span', 'user')),
    value    TEXT,
    PRIMARY KEY (trace_no, key, origin)
) STRICT, WITHOUT ROWID;

-- The values that traces are told apart by: crews, models, tools, errors, tags; by experiment.
CREATE TABLE facets (
    facet_no      INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL,
    field         TEXT NOT NULL,     -- of the filter language; tag.<key> for a tag
    folded        TEXT NOT NULL,     -- the value as it is compared
    value         TEXT NOT NULL,     -- as it was written first
    traces        INTEGER NOT NULL,  -- how many have it
    UNIQUE (field, folded, experiment_id)
) STRICT;
-- The values that most traces of an experiment have.
CREATE INDEX facets_by_traces ON facets (experiment_id, field, traces);
-- Derived from spans and tags with each change of a trace.
CREATE TABLE trace_facets (
    trace_no INTEGER NOT NULL,
    facet_no INTEGER NOT NULL,
    PRIMARY KEY (trace_no, facet_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_of_facet ON trace_facets (facet_no, trace_no);
-- Traces of an older layout, until facets and texts are made for them, chunk by chunk.
CREATE TABLE unread_traces (
    trace_no INTEGER PRIMARY KEY,
    after_no INTEGER NOT NULL  -- span_no up to which its texts are made
) STRICT;

-- The columns are what people filter by; body is the msgpack of the whole noun.
CREATE TABLE feedback (
    feedback_no INTEGER PRIMARY KEY,
    feedback_id BLOB NOT NULL UNIQUE,
    trace_no    INTEGER NOT NULL,
    span_no     INTEGER,  -- NULL: about the trace
    name        TEXT NOT NULL,
    number      REAL,     -- the value, where it is a number or a bool
    text        TEXT,     -- the value, where it is a string
    created_ns  INTEGER NOT NULL,
    body        BLOB NOT NULL
) STRICT;
-- A trace's feedback, shown beside it and deleted with it.
CREATE INDEX feedback_of_trace ON feedback (trace_no, name);

-- One row a distinct text of a trace; text_no is the row id in the full-text tables.
CREATE TABLE texts (
    text_no  INTEGER PRIMARY KEY,
    trace_no INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    UNIQUE (trace_no, hash)
) STRICT;

CREATE TABLE span_texts (
    text_no INTEGER NOT NULL,
    span_no INTEGER NOT NULL,
    PRIMARY KEY (text_no, span_no)
) STRICT, WITHOUT ROWID;

-- Full-text tables text_index_<partition_no>, each from its first text_no up to the next one's.
-- SQLite cannot delete from a contentless table before 3.43: a partition is dropped whole once
-- no text of it is left; until then its stale postings find no row in `texts`.
CREATE TABLE text_partitions (
    partition_no  INTEGER PRIMARY KEY,
    first_text_no INTEGER NOT NULL UNIQUE
) STRICT;
INSERT INTO text_partitions VALUES (1, 1);
-- columnsize=0: lengths serve ranking, and we rank by time.
CREATE VIRTUAL TABLE text_index_1
    USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii');
INSERT INTO text_index_1 (text_index_1, rank) VALUES ('automerge', 16);

-- Traces that are deleted for every reader while their rows are still being removed in chunks.
CREATE TABLE doomed_traces (
    trace_no INTEGER PRIMARY KEY
) STRICT;
