-- Files that were moved or renamed are found again by what is in them.
CREATE INDEX media_file_hash_size ON media_file (hash, size) WHERE hash IS NOT NULL;
