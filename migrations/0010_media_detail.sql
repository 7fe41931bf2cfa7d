-- Media in more detail: series with their seasons and episodes, a version for edits, and free metadata.

-- A SEASON hangs on its SERIES, an EPISODE on its SEASON, or on its SERIES where there are no seasons.
-- version counts the changes of a media's own columns.
ALTER TABLE media
    ADD COLUMN parent_id bigint REFERENCES media (id),
    ADD COLUMN season_number integer CHECK (season_number >= 0),
    ADD COLUMN episode_number integer CHECK (episode_number >= 0),
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object');

CREATE FUNCTION check_media_parent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above text;
BEGIN
    IF NEW.parent_id IS NOT NULL THEN
        SELECT kind INTO above FROM media WHERE id = NEW.parent_id FOR SHARE;
        IF above IS NOT NULL AND (NEW.kind, above) NOT IN (('SEASON', 'SERIES'), ('EPISODE', 'SEASON'), ('EPISODE', 'SERIES')) THEN
            RAISE EXCEPTION 'a media of kind % cannot hang on one of kind %', NEW.kind, above
                USING ERRCODE = 'check_violation', CONSTRAINT = 'media_parent_kind';
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.kind <> OLD.kind AND EXISTS (SELECT FROM media WHERE parent_id = NEW.id) THEN
        RAISE EXCEPTION 'media % has others that hang on it: its kind cannot change', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'media_parent_kind';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER media_parent_checked BEFORE INSERT ON media
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION check_media_parent();
CREATE TRIGGER media_parent_rechecked BEFORE UPDATE OF parent_id, kind ON media
    FOR EACH ROW EXECUTE FUNCTION check_media_parent();

CREATE INDEX media_parent_id_season_number_episode_number_id ON media (parent_id, season_number, episode_number, id)
    WHERE parent_id IS NOT NULL;
CREATE INDEX media_season_number_episode_number ON media (season_number, episode_number) WHERE season_number IS NOT NULL;
CREATE INDEX media_library_id_kind_id ON media (library_id, kind, id);
CREATE INDEX media_sort_title_year_id ON media (sort_title, year, id);

-- For conditions on the year; pages in the order of years walk media_year_id, which has those without a year too.
CREATE INDEX media_year ON media (year) WHERE year IS NOT NULL;

-- Free metadata: any containment, and the list under its key "genres".
CREATE INDEX media_metadata ON media USING gin (metadata jsonb_path_ops);
CREATE INDEX media_metadata_genres ON media USING gin ((metadata -> 'genres'));

-- Whole words of titles. 'simple' keeps every word: titles are made of those that languages leave out.
CREATE INDEX media_folded_title_words ON media USING gin (to_tsvector('simple', folded_title));

CREATE OR REPLACE FUNCTION note_media_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER media_noted ON media;
CREATE TRIGGER media_noted BEFORE UPDATE ON media
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION note_media_changed();
