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

-- Keeps an entry in the place of an older one; before, those make room that were used least recently. No more than 200 at
-- once: where the bounds were lowered by far, entries are not kept until enough have gone, and none waits for all of that.
CREATE FUNCTION provider_cache_store(entry provider_cache, most_entries bigint, most_bytes bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    most_evicted CONSTANT integer := 200;
    held provider_cache_total;
    gone provider_cache;
    evicted bigint;
    evicted_bytes bigint;
BEGIN
    SELECT * INTO STRICT held FROM provider_cache_total FOR UPDATE;
    DELETE FROM provider_cache c WHERE c.key = entry.key RETURNING * INTO gone;
    IF FOUND THEN
        held.entries := held.entries - 1;
        held.bytes := held.bytes - gone.size;
    END IF;
    IF held.entries >= most_entries OR held.bytes + entry.size > most_bytes THEN
        -- Of the oldest as many as it takes: one goes where those before it are not enough.
        WITH oldest AS (
            SELECT o.key, row_number() OVER by_use - 1 AS entries_before, sum(o.size) OVER by_use - o.size AS bytes_before
            FROM (SELECT key, size, used_at FROM provider_cache ORDER BY used_at, key LIMIT most_evicted) o
            WINDOW by_use AS (ORDER BY o.used_at, o.key ROWS UNBOUNDED PRECEDING)
        ), removed AS (
            DELETE FROM provider_cache c USING oldest o
            WHERE c.key = o.key AND (held.entries - o.entries_before >= most_entries
                OR held.bytes - o.bytes_before + entry.size > most_bytes)
            RETURNING c.namespace, c.provider, c.size
        ), counted AS (
            INSERT INTO provider_cache_count AS c (namespace, provider, evictions)
            SELECT r.namespace, r.provider, count(*) FROM removed r
            GROUP BY r.namespace, r.provider ORDER BY r.namespace COLLATE "C", r.provider COLLATE "C"
            ON CONFLICT (namespace, provider) DO UPDATE SET evictions = c.evictions + excluded.evictions
        )
        SELECT count(*), coalesce(sum(r.size), 0) INTO evicted, evicted_bytes FROM removed r;
        held.entries := held.entries - evicted;
        held.bytes := held.bytes - evicted_bytes;
        IF evicted < most_evicted AND (held.entries >= most_entries OR held.bytes + entry.size > most_bytes) THEN
            -- There is nothing left: rows were removed by hand.
            held.entries := 0;
            held.bytes := 0;
        END IF;
    END IF;
    IF held.entries < most_entries AND held.bytes + entry.size <= most_bytes THEN
        INSERT INTO provider_cache SELECT entry.*;
        held.entries := held.entries + 1;
        held.bytes := held.bytes + entry.size;
    END IF;
    UPDATE provider_cache_total SET entries = held.entries, bytes = held.bytes;
END $$;
