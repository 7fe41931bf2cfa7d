-- Who did an operation on names, where that is known.

ALTER TABLE taxonomy_operation ADD COLUMN who text;
