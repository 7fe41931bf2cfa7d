-- Who watches a run is told that this one was changed ("job 42"), and nobody else is: watchers of other runs read
-- nothing. A transaction sends the same message once, however often it changes a run.

DROP TRIGGER job_run_changed ON job_run;

CREATE FUNCTION notify_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('marquee', TG_ARGV[0] || ' ' || OLD.id);
    RETURN NULL;
END
$$;

-- Of what clients can read (loaders/job_run.py): where to go on and whose worker it is changes for nobody. Nobody
-- watches a run that is not there yet.
CREATE TRIGGER job_run_changed AFTER UPDATE ON job_run FOR EACH ROW WHEN (
    (OLD.status, OLD.stop_request, OLD.priority, OLD.attempts, OLD.max_attempts, OLD.total, OLD.succeeded, OLD.failed,
        OLD.counts, OLD.failures, OLD.steps, OLD.current_item, OLD.error_code, OLD.error, OLD.queued_at, OLD.run_after,
        OLD.started_at, OLD.progressed_at, OLD.ended_at, OLD.type, OLD.parameters, OLD.library_id)
    IS DISTINCT FROM
    (NEW.status, NEW.stop_request, NEW.priority, NEW.attempts, NEW.max_attempts, NEW.total, NEW.succeeded, NEW.failed,
        NEW.counts, NEW.failures, NEW.steps, NEW.current_item, NEW.error_code, NEW.error, NEW.queued_at, NEW.run_after,
        NEW.started_at, NEW.progressed_at, NEW.ended_at, NEW.type, NEW.parameters, NEW.library_id)
) EXECUTE FUNCTION notify_row('job');

-- Those that have ended are watched no more, and many of them are removed at once.
CREATE TRIGGER job_run_deleted AFTER DELETE ON job_run
    FOR EACH ROW WHEN (OLD.status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) EXECUTE FUNCTION notify_row('job');

CREATE FUNCTION notify_job_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('marquee', 'job ' || run.job_run_id) FROM (SELECT DISTINCT job_run_id FROM written) run;
    RETURN NULL;
END
$$;

CREATE TRIGGER job_log_written AFTER INSERT ON job_log
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION notify_job_log();
