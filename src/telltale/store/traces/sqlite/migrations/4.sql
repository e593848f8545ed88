-- How a trace went is one value that it is told apart by; it was two, its state and its status.
DELETE FROM trace_facets WHERE facet_no IN (SELECT facet_no FROM facets WHERE field = 'status');
DELETE FROM facets WHERE field = 'status';
INSERT INTO facets (experiment_id, field, folded, value, traces)
    SELECT experiment_id, 'status', word, word, count(*)
    FROM (SELECT experiment_id,
                 CASE WHEN state = 'running' THEN 'running' WHEN status = 'error' THEN 'error'
                      WHEN state = 'lost' THEN 'lost' ELSE 'ok' END AS word
          FROM traces)
    GROUP BY experiment_id, word;
INSERT INTO trace_facets
    SELECT trace_no, facet_no
    FROM traces JOIN facets
    ON field = 'status' AND facets.experiment_id = traces.experiment_id
       AND folded = CASE WHEN state = 'running' THEN 'running' WHEN status = 'error' THEN 'error'
                         WHEN state = 'lost' THEN 'lost' ELSE 'ok' END;
