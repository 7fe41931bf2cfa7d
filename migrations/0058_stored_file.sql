-- Files that were fetched or made, by what is in them: rows with the same content share one. The files themselves stand in
-- a folder of the server (docs/files.md); sizes in bytes and pixels. stored_at: when it was last stored: files that
-- nothing refers to are removed some time later.

CREATE TABLE stored_file (
    hash text COLLATE "C" PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    type text NOT NULL CHECK (type IN ('JPEG', 'PNG', 'WEBP', 'GIF', 'AVIF', 'SRT', 'VTT', 'ASS')),
    size bigint NOT NULL CHECK (size BETWEEN 1 AND 9007199254740991),
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    stored_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stored_file_stored_at ON stored_file (stored_at);

-- error says, in words, why a FAILED one could not be downloaded.
ALTER TABLE artwork
    ADD COLUMN file_hash text COLLATE "C" REFERENCES stored_file (hash),
    ADD COLUMN error text CHECK (char_length(error) <= 2000);
CREATE INDEX artwork_file_hash ON artwork (file_hash) WHERE file_hash IS NOT NULL;

ALTER TABLE subtitle
    ADD COLUMN file_hash text COLLATE "C" REFERENCES stored_file (hash),
    ADD COLUMN error text CHECK (char_length(error) <= 2000);
CREATE INDEX subtitle_file_hash ON subtitle (file_hash) WHERE file_hash IS NOT NULL;
