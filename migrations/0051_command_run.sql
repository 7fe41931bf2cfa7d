-- Imports of the command line have a heartbeat too (job_worker), so that the run of a process that died is ended by whoever
-- sees it; and the parameters of the job `import`, so that a worker can do them again.

-- is_command: a command does it in its own process: no worker takes it, unless it is tried again.
-- progress_revision: which of the numbers of its attempt it has; a heartbeat that comes late has older ones.
ALTER TABLE job_run
    ADD COLUMN is_command boolean NOT NULL DEFAULT false,
    ADD COLUMN progress_revision integer NOT NULL DEFAULT 0;

-- What commands have begun and not ended.
UPDATE job_run SET status = 'FAILED', ended_at = now(), stop_request = NULL, error_code = 'WORKER_LOST',
    error = 'The command that ran it ended without a word: the same import goes on after the last chunk that was stored.'
WHERE status = 'RUNNING' AND worker_id IS NULL;

-- Runs of commands had parameters of their own; the rest of what they were told stands beside the source.
UPDATE job_run r SET is_command = true, max_attempts = 1, exclusive_key = 'import:' || r.library_id,
    parameters = jsonb_build_object(
        'library', 'library_' || r.library_id, 'location', r.parameters -> 'location', 'format', r.parameters -> 'format',
        'onConflict', r.parameters -> 'mode', 'prune', false, 'maxPrune', 20, 'dryRun', false
    ) || coalesce((
        SELECT jsonb_build_object(
            'options', (SELECT coalesce(jsonb_agg(o.key || '=' || o.value ORDER BY o.key), '[]')
                        FROM jsonb_each_text(s.plan -> 'options') o),
            'matchBy', s.plan -> 'match_by')
        FROM import_source s
        WHERE s.library_id = r.library_id AND s.format = r.parameters ->> 'format'
          AND s.location = r.parameters ->> 'location' AND s.plan ? 'options'
    ), jsonb_build_object('options', '[]'::jsonb, 'matchBy', NULL))
WHERE r.type = 'import' AND r.library_id IS NOT NULL AND r.parameters ?& ARRAY['location', 'format', 'mode'];

-- What runs is somebody's, whose heartbeat tells that it does.
ALTER TABLE job_run
    DROP CONSTRAINT job_run_worker_of_running,
    ADD CONSTRAINT job_run_worker_of_running CHECK ((status = 'RUNNING') = (worker_id IS NOT NULL));
