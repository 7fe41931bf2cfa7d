-- Settings that are changed while the service runs: for all, for a library or for a channel. Which keys there are, and of
-- which type, stands in loaders/setting.py.

CREATE TABLE setting (
    key text COLLATE "C" NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 100),
    library_id bigint REFERENCES library (id) ON DELETE CASCADE,
    channel_id bigint REFERENCES channel (id) ON DELETE CASCADE,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT setting_scope CHECK (num_nonnulls(library_id, channel_id) <= 1),
    CONSTRAINT setting_key UNIQUE NULLS NOT DISTINCT (key, library_id, channel_id)
);
CREATE INDEX setting_library_id ON setting (library_id) WHERE library_id IS NOT NULL;
CREATE INDEX setting_channel_id ON setting (channel_id) WHERE channel_id IS NOT NULL;
