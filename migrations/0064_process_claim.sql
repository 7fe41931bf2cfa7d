-- Which run has the media that it is about to have processed (catalog/process_claim.py), so that no other one that runs
-- at the same time asks an outside service for them too. A claim counts while its run is RUNNING.

CREATE TABLE process_claim (
    process text NOT NULL CHECK (char_length(process) BETWEEN 1 AND 200),
    media_id bigint NOT NULL,
    job_run_id bigint NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
    PRIMARY KEY (process, media_id)
) WITH (fillfactor = 70);
CREATE INDEX process_claim_job_run_id ON process_claim (job_run_id);
