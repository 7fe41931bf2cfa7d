-- Media in more detail: series with their seasons and episodes, a version for edits, free metadata, and a feed of changes.

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

-- The last change of each media, deleted ones included. Clients that sync read it in the order of transactions, up to the
-- oldest one that is still under way: whatever commits later stands behind what they have read.
CREATE TABLE media_change (
    media_id bigint PRIMARY KEY,
    library_id bigint NOT NULL,
    type text NOT NULL CHECK (type IN ('CREATED', 'UPDATED', 'DELETED')),
    transaction_id bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX media_change_transaction_id_media_id ON media_change (transaction_id, media_id);

INSERT INTO media_change (media_id, library_id, type, changed_at)
SELECT id, library_id, 'CREATED', updated_at FROM media ORDER BY id;

-- Argument: the type of change.
CREATE FUNCTION note_media_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_change (media_id, library_id, type)
    SELECT id, library_id, TG_ARGV[0] FROM changed ORDER BY id
    ON CONFLICT (media_id) DO UPDATE
    SET library_id = excluded.library_id, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at,
        type = CASE WHEN excluded.type = 'UPDATED' AND media_change.type = 'CREATED'
                         AND media_change.transaction_id = excluded.transaction_id
                    THEN 'CREATED' ELSE excluded.type END;
    RETURN NULL;
END $$;
CREATE TRIGGER media_change_created AFTER INSERT ON media REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_change('CREATED');
CREATE TRIGGER media_change_updated AFTER UPDATE ON media REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_change('UPDATED');
CREATE TRIGGER media_change_deleted AFTER DELETE ON media REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_change('DELETED');

-- For tables that hang on media and are edited with them (tags, genres, ...): whoever gains or loses rows has changed.
-- Media that are deleted in the same transaction are gone by now, and stay DELETED.
CREATE FUNCTION note_media_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_change (media_id, library_id, type)
    SELECT id, library_id, 'UPDATED' FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id
    ON CONFLICT (media_id) DO UPDATE
    SET type = excluded.type, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at
    WHERE media_change.transaction_id <> excluded.transaction_id;
    RETURN NULL;
END $$;
CREATE TRIGGER media_tag_touched AFTER INSERT ON media_tag REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER media_tag_untouched AFTER DELETE ON media_tag REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER media_genre_touched AFTER INSERT ON media_genre REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER media_genre_untouched AFTER DELETE ON media_genre REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER media_change_truncated AFTER TRUNCATE ON media
    FOR EACH STATEMENT EXECUTE FUNCTION empty_dependent('media_change');
