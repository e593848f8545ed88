-- What traces are found by. Older ones are read for it behind the back of whoever uses the store.
CREATE TABLE facets (
    facet_no      INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL,
    field         TEXT NOT NULL,
    folded        TEXT NOT NULL,
    value         TEXT NOT NULL,
    traces        INTEGER NOT NULL,
    UNIQUE (field, folded, experiment_id)
) STRICT;
CREATE INDEX facets_by_traces ON facets (experiment_id, field, traces);
CREATE TABLE trace_facets (
    trace_no INTEGER NOT NULL,
    facet_no INTEGER NOT NULL,
    PRIMARY KEY (trace_no, facet_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_of_facet ON trace_facets (facet_no, trace_no);
CREATE INDEX traces_by_duration ON traces (coalesce(duration_ns, -1));
CREATE INDEX traces_by_cost ON traces (coalesce(cost_pico, -1));
CREATE INDEX traces_by_tokens ON traces (input_tokens + output_tokens);
CREATE INDEX traces_of_experiment_by_duration ON traces (experiment_id, coalesce(duration_ns, -1));
CREATE INDEX traces_of_experiment_by_cost ON traces (experiment_id, coalesce(cost_pico, -1));
CREATE INDEX traces_of_experiment_by_tokens
    ON traces (experiment_id, input_tokens + output_tokens);
CREATE TABLE unread_traces (
    trace_no INTEGER PRIMARY KEY,
    after_no INTEGER NOT NULL
) STRICT;
INSERT INTO unread_traces SELECT trace_no, -1 FROM traces;
