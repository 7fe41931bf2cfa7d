-- What a source wants to know of an item at its next reading (sources/source.py).
ALTER TABLE import_item ADD COLUMN memo bytea CHECK (octet_length(memo) <= 8000);
