-- Every text that is compared is kept folded beside what was written, by the one rule of loaders/text.py. SQL cannot fold
-- so: who writes a text by SQL brings the folded one or sets it to NULL, and it is filled in afterwards (catalog/refold.py).

ALTER TABLE media
    ADD COLUMN folded_original_title text COLLATE "C" CHECK (octet_length(folded_original_title) <= 2000),
    ADD COLUMN folded_overview text;
ALTER TABLE credit ADD COLUMN folded_character text;
ALTER TABLE tagline ADD COLUMN folded_text text;
ALTER TABLE release ADD COLUMN folded_name text;

-- What is to be filled in: hardly ever anything.
CREATE INDEX media_unfolded ON media (id)
    WHERE original_title IS NOT NULL AND folded_original_title IS NULL OR overview IS NOT NULL AND folded_overview IS NULL;
CREATE INDEX credit_unfolded ON credit (id) WHERE character IS NOT NULL AND folded_character IS NULL;
CREATE INDEX tagline_unfolded ON tagline (id) WHERE folded_text IS NULL;
CREATE INDEX release_unfolded ON release (id) WHERE folded_name IS NULL;

-- By which version of the rule everything is folded. Another one than the program's: all is folded anew.
CREATE TABLE text_folding (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version integer NOT NULL
);
INSERT INTO text_folding (version) VALUES (1);

-- Folding anew changes nothing that clients see: it says so by marquee.is_folding, and neither version nor feed move.
CREATE OR REPLACE FUNCTION note_media_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('marquee.is_folding', true) = 'on' THEN
        RETURN NEW;
    END IF;
    NEW.version := OLD.version + 1;
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION note_media_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('marquee.is_folding', true) = 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO media_change (media_id, library_id, type)
    SELECT id, library_id, TG_ARGV[0] FROM changed ORDER BY id
    ON CONFLICT (media_id) DO UPDATE
    SET library_id = excluded.library_id, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at,
        type = CASE WHEN excluded.type = 'UPDATED' AND media_change.type = 'CREATED'
                         AND media_change.transaction_id = excluded.transaction_id
                    THEN 'CREATED' ELSE excluded.type END;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_media_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('marquee.is_folding', true) = 'on' THEN
        RETURN NULL;
    END IF;
    -- Planned for the rows that it is about, not for those of the first statement of a session.
    EXECUTE 'INSERT INTO media_change (media_id, library_id, type)
        SELECT id, library_id, ''UPDATED'' FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id
        ON CONFLICT (media_id) DO UPDATE
        SET type = excluded.type, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at
        WHERE media_change.transaction_id <> excluded.transaction_id';
    RETURN NULL;
END $$;
