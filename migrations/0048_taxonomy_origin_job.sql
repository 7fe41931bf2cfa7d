-- Names that a job has cleaned were not cleaned by a client of the API.

ALTER TABLE taxonomy_operation
    DROP CONSTRAINT taxonomy_operation_origin_check,
    ADD CONSTRAINT taxonomy_operation_origin_check CHECK (origin IN ('API', 'COMMAND', 'JOB'));
