-- Tags in a tree: a category, and the tags above a tag. A tag may stand below several, never below itself.

ALTER TABLE tag ADD COLUMN category text CHECK (char_length(category) BETWEEN 1 AND 200);

CREATE TABLE tag_parent (
    tag_id bigint NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    parent_id bigint NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, parent_id)
);
CREATE INDEX tag_parent_parent_id_tag_id ON tag_parent (parent_id, tag_id);

-- Writers of the tree take turns, from here to their commits: two could otherwise make a cycle together, or one parent
-- too many. What others have committed in the meantime is seen after the lock.
CREATE FUNCTION take_turn_in_tag_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tag_parent'));
    RETURN NULL;
END $$;
CREATE TRIGGER tag_parent_turn BEFORE INSERT OR UPDATE ON tag_parent
    FOR EACH STATEMENT EXECUTE FUNCTION take_turn_in_tag_tree();

-- Refuses a statement after which some tag has more rows in this table than it may (argument).
CREATE FUNCTION bound_rows_a_tag() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    crowded bigint;
BEGIN
    EXECUTE format(
        'SELECT j.tag_id FROM %I j WHERE j.tag_id IN (SELECT tag_id FROM changed)
         GROUP BY j.tag_id HAVING count(*) > %s LIMIT 1', TG_TABLE_NAME, TG_ARGV[0]) INTO crowded;
    IF crowded IS NOT NULL THEN
        RAISE EXCEPTION 'tag % would have more than % rows in %', crowded, TG_ARGV[0], TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_bound';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tag_parent_bounded AFTER INSERT ON tag_parent REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_tag('64');
CREATE TRIGGER tag_parent_rebounded AFTER UPDATE ON tag_parent REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_tag('64');

-- Looks upwards from what was written: a cycle that is new goes through a new pair.
CREATE FUNCTION check_tag_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    circling bigint;
BEGIN
    WITH RECURSIVE above AS (
        SELECT tag_id AS below, parent_id AS tag_id FROM changed
        UNION
        SELECT a.below, p.parent_id FROM above a JOIN tag_parent p ON p.tag_id = a.tag_id WHERE a.tag_id <> a.below
    )
    SELECT below INTO circling FROM above WHERE tag_id = below LIMIT 1;
    IF circling IS NOT NULL THEN
        RAISE EXCEPTION 'tag % would stand below itself', circling
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tag_parent_cycle';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tag_parent_checked AFTER INSERT ON tag_parent REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION check_tag_tree();
CREATE TRIGGER tag_parent_rechecked AFTER UPDATE ON tag_parent REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION check_tag_tree();
