-- Ids as they are meant today: in filters too the id of one that was merged stands for what it became.
--
-- The functions read a table and are IMMUTABLE all the same: filters are planned for their values, so PostgreSQL replaces
-- the call by its result while it plans, knows how many rows that one has, and walks the same indexes as with the id
-- itself. What a plan is made of is used for one execution alone; a plan that is kept calls the function anew.

ALTER FUNCTION add_redirect(text) RENAME TO add_redirect_table;
CREATE FUNCTION add_current_ids(noun text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace($sql$
        CREATE FUNCTION current_<noun>_id(given bigint) RETURNS bigint
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $function$
        BEGIN
            RETURN coalesce((SELECT r.<noun>_id FROM <noun>_redirect r WHERE r.id = given), given);
        END $function$;
        CREATE FUNCTION current_<noun>_ids(given bigint[]) RETURNS bigint[]
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $function$
        BEGIN
            RETURN given || ARRAY(SELECT r.<noun>_id FROM <noun>_redirect r WHERE r.id = any(given));
        END $function$
    $sql$, '<noun>', noun);
END $$;

SELECT add_current_ids(left(table_name, -9)) FROM information_schema.tables
WHERE table_schema = current_schema() AND table_name LIKE '%\_redirect' ORDER BY table_name;

-- And for those that are added later.
CREATE FUNCTION add_redirect(noun text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_redirect_table(noun);
    PERFORM add_current_ids(noun);
END $$;
