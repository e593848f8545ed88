-- Who is responsible for an open span, and when a lost one was last heard of.
ALTER TABLE spans ADD COLUMN seen_ns INTEGER;
CREATE TABLE open_spans (
    span_no INTEGER PRIMARY KEY,
    journal BLOB NOT NULL
) STRICT;
CREATE INDEX open_spans_of_journal ON open_spans (journal);
-- Whose they were was not kept, so nobody can say any more that they still run. An end that
-- comes yet takes the place of either state. Each trace that this touches gets a seq of its own,
-- as by any write: a page that followed it before goes on behind what it has seen.
UPDATE traces
SET state = iif(state = 'running', 'lost', state), seq = (SELECT seq FROM counter) + touched.place
FROM (
    SELECT trace_no, row_number() OVER (ORDER BY trace_no) AS place
    FROM spans WHERE state = 'running' GROUP BY trace_no
) AS touched
WHERE traces.trace_no = touched.trace_no;
UPDATE spans
SET state = 'lost',
    -- One that is being deleted has no trace any more.
    seq = coalesce((SELECT seq FROM traces WHERE traces.trace_no = spans.trace_no), seq)
WHERE state = 'running';
UPDATE counter SET seq = max(seq, (SELECT coalesce(max(seq), 0) FROM traces));
