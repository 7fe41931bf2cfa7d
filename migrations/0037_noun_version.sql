-- What people edit by hand has a version, as media have: it counts the changes of its own fields, so that an edit of one
-- that somebody else has changed since it was read can be refused.

ALTER TABLE library ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE tag ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE genre ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE channel ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE person ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE collection ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE credit ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE release_group ADD COLUMN version integer NOT NULL DEFAULT 1;

-- And those that are added later.
CREATE OR REPLACE FUNCTION add_named_noun(noun text, event text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_named_noun_tables(noun, event);
    PERFORM add_redirect(noun);
    EXECUTE format('ALTER TABLE %I ADD COLUMN version integer NOT NULL DEFAULT 1', noun);
END $$;
