-- Jobs that are run here (jobs/): a run is the row of job_run that clients see, and the queue is the runs that are
-- QUEUED. A worker takes runs by FOR UPDATE SKIP LOCKED; what it has done is saved in `state` by the transaction that
-- did it, so that another goes on from there. docs/decisions/0003-jobs.md says why there is no library behind it.

-- Who runs jobs: a row a process, with the time when it was last heard of. Runs of one that is not heard of any more
-- are queued anew.
CREATE TABLE job_worker (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) <= 200),
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE job_run
    DROP CONSTRAINT job_run_status_check,
    ADD CONSTRAINT job_run_status_check
        CHECK (status IN ('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    -- Higher first; of one priority those queued first.
    ADD COLUMN priority integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100),
    ADD COLUMN parameters jsonb NOT NULL DEFAULT '{}',
    -- The libraries that who queued it may see and change; NULL: all.
    ADD COLUMN viewer_libraries bigint[],
    -- Of runs with the same key one runs at a time.
    ADD COLUMN exclusive_key text COLLATE "C" CHECK (char_length(exclusive_key) BETWEEN 1 AND 200),
    -- How often it was begun; how many of these ended by a fault since it last came further; how many may.
    ADD COLUMN attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    ADD COLUMN faults integer NOT NULL DEFAULT 0 CHECK (faults >= 0),
    ADD COLUMN max_attempts integer NOT NULL DEFAULT 5 CHECK (max_attempts BETWEEN 1 AND 100),
    -- Not before this; of a run whose attempt failed the time of the next one.
    ADD COLUMN run_after timestamptz NOT NULL DEFAULT now(),
    -- Who runs it, of a RUNNING one.
    ADD COLUMN worker_id uuid,
    -- What whoever runs it is asked to do.
    ADD COLUMN stop_request text CHECK (stop_request IN ('CANCEL', 'PAUSE')),
    -- Where to go on: as the kind of job has it.
    ADD COLUMN state jsonb NOT NULL DEFAULT '{}',
    -- Numbers of items by what became of them ({"created": 2}), and of those that failed by their code ({"DUPLICATE": 1}).
    ADD COLUMN counts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN failures jsonb NOT NULL DEFAULT '{}',
    -- What it is at: the item, and the steps so far ([{"name", "startedAt", "endedAt"}]).
    ADD COLUMN current_item text CHECK (char_length(current_item) <= 1000),
    ADD COLUMN steps jsonb NOT NULL DEFAULT '[]',
    -- The code of `error`.
    ADD COLUMN error_code text CHECK (char_length(error_code) <= 100),
    -- When its numbers last changed.
    ADD COLUMN progressed_at timestamptz,
    ADD CONSTRAINT job_run_worker_of_running CHECK (worker_id IS NULL OR status = 'RUNNING');

CREATE INDEX job_run_queued ON job_run (priority DESC, id) WHERE status = 'QUEUED';
CREATE INDEX job_run_queued_key ON job_run (exclusive_key, priority DESC, id) WHERE status = 'QUEUED';
CREATE INDEX job_run_backlog ON job_run (id) WHERE status IN ('QUEUED', 'PAUSED');
CREATE UNIQUE INDEX job_run_exclusive ON job_run (exclusive_key) WHERE status = 'RUNNING';
CREATE INDEX job_run_running ON job_run (worker_id) WHERE worker_id IS NOT NULL;
CREATE INDEX job_run_ended ON job_run (ended_at, id) WHERE ended_at IS NOT NULL;

-- Lines of runs, the last 1,000 of each (jobs/log.py).
CREATE TABLE job_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_run_id bigint NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    level text NOT NULL CHECK (level IN ('INFO', 'WARNING', 'ERROR')),
    line text NOT NULL CHECK (char_length(line) <= 2000)
);
CREATE INDEX job_log_job_run_id ON job_log (job_run_id, id);

-- "job": a run was changed, what watchers wait for. "job_queued": there is one to take, what workers wait for.
-- "job_stop": one that runs is to stop. Each is sent once by a transaction, however many runs it changed.
CREATE TRIGGER job_run_changed AFTER INSERT OR UPDATE OR DELETE ON job_run
    FOR EACH ROW EXECUTE FUNCTION notify_change('job');
CREATE TRIGGER job_run_was_queued AFTER INSERT OR UPDATE OF status, run_after, priority ON job_run
    FOR EACH ROW WHEN (NEW.status = 'QUEUED') EXECUTE FUNCTION notify_change('job_queued');
CREATE TRIGGER job_run_was_stopped AFTER UPDATE OF stop_request ON job_run
    FOR EACH ROW WHEN (NEW.stop_request IS NOT NULL) EXECUTE FUNCTION notify_change('job_stop');
