-- Who is responsible for an open span, and when a lost one was last heard of.
ALTER TABLE spans ADD COLUMN seen_ns INTEGER;
CREATE TABLE open_spans (
    span_no INTEGER PRIMARY KEY,
    journal BLOB NOT NULL
) STRICT;
CREATE INDEX open_spans_of_journal ON open_spans (journal);
-- Whose they were was not kept, so nobody can say any more that they still run. An end that
-- comes yet takes the place of either state.
UPDATE spans SET state = 'lost' WHERE state = 'running';
UPDATE traces SET state = 'lost' WHERE state = 'running';
