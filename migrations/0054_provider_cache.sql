-- What is kept of the answers of providers (providers/cache/postgres.py), and what it adds up to.

CREATE TABLE provider_cache (
    key text COLLATE "C" PRIMARY KEY CHECK (octet_length(key) <= 2000),
    namespace text NOT NULL,
    provider text NOT NULL,
    call text NOT NULL,
    data bytea NOT NULL,
    is_negative boolean NOT NULL,
    is_compressed boolean NOT NULL,
    -- Bytes for which it counts, those of its key too.
    size integer NOT NULL CHECK (size > 0),
    expires_at timestamptz NOT NULL,
    stale_until timestamptz NOT NULL,
    used_at timestamptz NOT NULL
);
-- What was used least recently makes room.
CREATE INDEX provider_cache_used_at ON provider_cache (used_at, key);
-- Answers are compressed already where that helps.
ALTER TABLE provider_cache ALTER COLUMN data SET STORAGE EXTERNAL;

-- One row, whose lock keeps those apart that add and remove entries.
CREATE TABLE provider_cache_total (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    entries bigint NOT NULL,
    bytes bigint NOT NULL
);
INSERT INTO provider_cache_total (entries, bytes) VALUES (0, 0);

CREATE TABLE provider_cache_count (
    namespace text NOT NULL,
    provider text NOT NULL,
    hits bigint NOT NULL DEFAULT 0,
    misses bigint NOT NULL DEFAULT 0,
    evictions bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (namespace, provider)
);

-- Who loads what is not there. Nobody keeps a connection while it loads.
CREATE TABLE provider_cache_lease (
    key text COLLATE "C" PRIMARY KEY CHECK (octet_length(key) <= 2000),
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Keeps an entry in the place of an older one; before, those make room that were used least recently.
CREATE FUNCTION provider_cache_store(entry provider_cache, most_entries bigint, most_bytes bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held provider_cache_total;
    gone provider_cache;
BEGIN
    SELECT * INTO STRICT held FROM provider_cache_total FOR UPDATE;
    DELETE FROM provider_cache c WHERE c.key = entry.key RETURNING * INTO gone;
    IF FOUND THEN
        held.entries := held.entries - 1;
        held.bytes := held.bytes - gone.size;
    END IF;
    WHILE held.entries + 1 > most_entries OR held.bytes + entry.size > most_bytes LOOP
        DELETE FROM provider_cache c
            WHERE c.key = (SELECT key FROM provider_cache ORDER BY used_at, key LIMIT 1) RETURNING * INTO gone;
        IF NOT FOUND THEN
            -- There is nothing: rows were removed by hand.
            held.entries := 0;
            held.bytes := 0;
            EXIT;
        END IF;
        held.entries := held.entries - 1;
        held.bytes := held.bytes - gone.size;
        INSERT INTO provider_cache_count AS c (namespace, provider, evictions) VALUES (gone.namespace, gone.provider, 1)
            ON CONFLICT (namespace, provider) DO UPDATE SET evictions = c.evictions + 1;
    END LOOP;
    INSERT INTO provider_cache SELECT entry.*;
    UPDATE provider_cache_total SET entries = held.entries + 1, bytes = held.bytes + entry.size;
END $$;
