-- The download of artwork. A picture is shown from its address, so state is NULL until somebody wants a copy of one's own:
-- neither would WANTED be true of those that are known so far (a job would fetch them all), nor DOWNLOADED (there is no
-- file). path: of the file, once it is DOWNLOADED.

ALTER TABLE artwork
    ADD COLUMN state text CHECK (state IN ('WANTED', 'DOWNLOADING', 'DOWNLOADED', 'FAILED')),
    ADD COLUMN path text CHECK (octet_length(path) BETWEEN 1 AND 4000),
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT artwork_downloaded_path CHECK (state <> 'DOWNLOADED' OR path IS NOT NULL);
CREATE INDEX artwork_state_type_id ON artwork (state, type, id);

CREATE TRIGGER artwork_noted BEFORE UPDATE ON artwork
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.* AND NEW.updated_at = OLD.updated_at)
    EXECUTE FUNCTION note_row_changed();
