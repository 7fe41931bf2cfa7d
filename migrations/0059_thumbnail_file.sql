-- The pictures of a thumbnail: the same frame in several widths.

CREATE TABLE thumbnail_file (
    thumbnail_id bigint NOT NULL REFERENCES thumbnail (id) ON DELETE CASCADE,
    file_hash text COLLATE "C" NOT NULL REFERENCES stored_file (hash),
    PRIMARY KEY (thumbnail_id, file_hash)
);
CREATE INDEX thumbnail_file_file_hash ON thumbnail_file (file_hash);
