-- The last change of each media, deleted ones included: a tombstone is all that is left of these. Clients that sync read it in the order of transactions, up to the
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

-- The first transaction that a reader of changes must not pass: the oldest one that was under way when its statement
-- began, but for those known to belong to another database of the server.
CREATE FUNCTION first_unsettled_transaction() RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT coalesce(min(under_way.id::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    FROM pg_snapshot_xip(pg_current_snapshot()) AS under_way(id)
    WHERE NOT EXISTS (
        SELECT FROM pg_stat_activity a
        WHERE a.backend_xid = under_way.id::xid
          AND a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
    )
$$;

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
    -- Planned for the rows that it is about, not for those of the first statement of a session.
    EXECUTE 'INSERT INTO media_change (media_id, library_id, type)
        SELECT id, library_id, ''UPDATED'' FROM media WHERE id IN (SELECT media_id FROM changed) ORDER BY id
        ON CONFLICT (media_id) DO UPDATE
        SET type = excluded.type, transaction_id = excluded.transaction_id, changed_at = excluded.changed_at
        WHERE media_change.transaction_id <> excluded.transaction_id';
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
