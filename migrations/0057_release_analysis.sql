-- What a release index says of a release beside its size and date, which its group's score is made of.
-- nuke_reason: why it was declared bad, NULL where it was not; completeness: percent of it that the index has, NULL where
-- that is not known.

ALTER TABLE release
    ADD COLUMN nuke_reason text CHECK (char_length(nuke_reason) <= 2000),
    ADD COLUMN completeness smallint CHECK (completeness BETWEEN 0 AND 100);

-- What a run has come to, in numbers of its kind's own.
ALTER TABLE job_run ADD COLUMN report jsonb CHECK (jsonb_typeof(report) = 'object');

-- Who watches a run is told of a change of this too.
DROP TRIGGER job_run_changed ON job_run;
CREATE TRIGGER job_run_changed AFTER UPDATE ON job_run FOR EACH ROW WHEN (
    (OLD.status, OLD.stop_request, OLD.priority, OLD.attempts, OLD.max_attempts, OLD.total, OLD.succeeded,
        OLD.failed, OLD.counts, OLD.failures, OLD.steps, OLD.current_item, OLD.error_code, OLD.error, OLD.queued_at,
        OLD.run_after, OLD.started_at, OLD.progressed_at, OLD.ended_at, OLD.type, OLD.parameters, OLD.library_id,
        OLD.report)
    IS DISTINCT FROM
    (NEW.status, NEW.stop_request, NEW.priority, NEW.attempts, NEW.max_attempts, NEW.total, NEW.succeeded,
        NEW.failed, NEW.counts, NEW.failures, NEW.steps, NEW.current_item, NEW.error_code, NEW.error, NEW.queued_at,
        NEW.run_after, NEW.started_at, NEW.progressed_at, NEW.ended_at, NEW.type, NEW.parameters, NEW.library_id,
        NEW.report)
) EXECUTE FUNCTION notify_row('job');

-- What is to be analysed, in the order in which it is read: a few, once all others were.
CREATE INDEX release_unanalysed ON release (category, state, id) WHERE state <> 'ANALYSED';
-- Releases in the order in which a run has analysed them, whose groups it scores.
CREATE INDEX release_analysed_at_id ON release (analysed_at, id) WHERE state = 'ANALYSED';
