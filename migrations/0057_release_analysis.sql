-- What a release index says of a release beside its size and date, which its group's score is made of.
-- nuke_reason: why it was declared bad, NULL where it was not; completeness: percent of it that the index has, NULL where
-- that is not known.

ALTER TABLE release
    ADD COLUMN nuke_reason text CHECK (char_length(nuke_reason) <= 2000),
    ADD COLUMN completeness smallint CHECK (completeness BETWEEN 0 AND 100);

-- What a run has come to, in numbers of its kind's own.
ALTER TABLE job_run ADD COLUMN report jsonb CHECK (jsonb_typeof(report) = 'object');

-- What is to be analysed, in the order in which it is read: a few, once all others were.
CREATE INDEX release_unanalysed ON release (category, state, id) WHERE state <> 'ANALYSED';
-- Releases in the order in which a run has analysed them, whose groups it scores.
CREATE INDEX release_analysed_at_id ON release (analysed_at, id) WHERE state = 'ANALYSED';
