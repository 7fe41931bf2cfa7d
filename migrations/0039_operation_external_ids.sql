-- How many external ids of people an operation on names moved or took away: zero before this, when a merge lost them.

ALTER TABLE taxonomy_operation ADD COLUMN external_ids bigint NOT NULL DEFAULT 0;
