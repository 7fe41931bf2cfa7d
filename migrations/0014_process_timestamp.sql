-- When a process, such as a tagger, last dealt with a media. A media without a row was not dealt with yet.

CREATE TABLE process_timestamp (
    media_id bigint NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    process text COLLATE "C" NOT NULL CHECK (process ~ '\S' AND octet_length(process) <= 200),
    processed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (media_id, process)
);
CREATE INDEX process_timestamp_process_processed_at_media_id ON process_timestamp (process, processed_at, media_id);

CREATE TRIGGER process_timestamp_bounded AFTER INSERT ON process_timestamp REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('64');
CREATE TRIGGER process_timestamp_rebounded AFTER UPDATE ON process_timestamp REFERENCING NEW TABLE AS changed
    OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('64');
