-- Since when a library is being deleted, which takes many transactions where it is large: nothing comes into it any longer.

ALTER TABLE library ADD COLUMN deletion_started_at timestamptz;
