-- Instruments of a piece of music, and where its tempo, key and time signature change.
--
-- Changes are arrays of pairs, the first of each in milliseconds from the start, in their order: [[0, 12000], [8000, 9000]].

CREATE FUNCTION are_changes(changes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(changes) = 'array' AND jsonb_array_length(changes) <= 1000
       AND NOT jsonb_path_exists(changes, 'strict $[*] ? (@.type() != "array" || @.size() != 2 || @[0].type() != "number")')
$$;

ALTER TABLE music
    ADD COLUMN programs integer[] NOT NULL DEFAULT '{}'
        CHECK (CASE WHEN array_ndims(programs) > 1 THEN false
               ELSE cardinality(programs) <= 128 AND 0 <= ALL (programs) AND 127 >= ALL (programs)
                AND array_position(programs, NULL) IS NULL END),
    ADD COLUMN tempo_changes jsonb NOT NULL DEFAULT '[]' CHECK (are_changes(tempo_changes)),
    ADD COLUMN key_signature_changes jsonb NOT NULL DEFAULT '[]' CHECK (are_changes(key_signature_changes)),
    ADD COLUMN time_signature_changes jsonb NOT NULL DEFAULT '[]' CHECK (are_changes(time_signature_changes));
