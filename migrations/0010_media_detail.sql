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

-- What triggers do with all the rows of a statement is planned for these rows, by EXECUTE: a plan that is kept from a
-- statement with one row takes minutes for one with twenty thousand.

-- Where no copied column has changed nothing is planned: EXCEPT compares by hashes, whatever plan is kept of it.
CREATE OR REPLACE FUNCTION carry_media_sort_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT id, library_id, sort_title, year, rating_tenths, added_at FROM changed
        EXCEPT SELECT id, library_id, sort_title, year, rating_tenths, added_at FROM replaced
    ) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        'UPDATE %I j
         SET library_id = c.library_id, sort_title = c.sort_title, year = c.year,
             rating_tenths = c.rating_tenths, added_at = c.added_at
         FROM changed c JOIN replaced r USING (id)
         WHERE j.media_id = c.id
           AND (c.library_id, c.sort_title, c.year, c.rating_tenths, c.added_at)
               IS DISTINCT FROM (r.library_id, r.sort_title, r.year, r.rating_tenths, r.added_at)',
        TG_ARGV[0]);
    RETURN NULL;
END $$;

-- Carries a change of some of a media's columns (library_id, year) over to the copies in a table. Arguments: the table,
-- the columns.
CREATE FUNCTION carry_media_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text := array_to_string(TG_ARGV[1:], ', ');
    new text := 'c.' || array_to_string(TG_ARGV[1:], ', c.');
    old text := 'r.' || array_to_string(TG_ARGV[1:], ', r.');
BEGIN
    IF NOT EXISTS (SELECT id, library_id, year FROM changed EXCEPT SELECT id, library_id, year FROM replaced) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        'UPDATE %1$I j SET (%2$s) = ROW(%3$s) FROM changed c JOIN replaced r USING (id)
         WHERE j.media_id = c.id AND (%3$s) IS DISTINCT FROM (%4$s)',
        TG_ARGV[0], own, new, old);
    RETURN NULL;
END $$;
DROP TRIGGER credit_carried ON media;
DROP FUNCTION carry_credit_copies();
CREATE TRIGGER credit_carried AFTER UPDATE ON media REFERENCING NEW TABLE AS changed OLD TABLE AS replaced
    FOR EACH STATEMENT EXECUTE FUNCTION carry_media_columns('credit', 'library_id', 'year');

CREATE OR REPLACE FUNCTION pair_credited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SELECT FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id FOR NO KEY UPDATE';
    EXECUTE 'INSERT INTO media_person (media_id, person_id)
        SELECT DISTINCT media_id, person_id FROM changed
        EXCEPT SELECT media_id, person_id FROM media_person WHERE media_id IN (SELECT media_id FROM changed)
        ON CONFLICT DO NOTHING';
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION pair_uncredited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SELECT FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id FOR NO KEY UPDATE';
    EXECUTE 'DELETE FROM media_person p USING (SELECT DISTINCT media_id, person_id FROM changed) gone
        WHERE p.media_id = gone.media_id AND p.person_id = gone.person_id
          AND NOT EXISTS (SELECT FROM credit c WHERE c.media_id = p.media_id AND c.person_id = p.person_id)';
    RETURN NULL;
END $$;
