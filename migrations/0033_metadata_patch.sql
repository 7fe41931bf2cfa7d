-- Edits of metadata by patches, and history in the words of the API.

-- What a JSON merge patch (RFC 7396) makes of a value: keys of objects are given the patch's values, or taken away
-- where these are null; anything else takes the place of what was there.
CREATE FUNCTION json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    merged jsonb := target;
    key text;
    value jsonb;
BEGIN
    IF jsonb_typeof(patch) <> 'object' THEN
        RETURN patch;
    END IF;
    IF jsonb_typeof(merged) IS DISTINCT FROM 'object' THEN
        merged := '{}';
    END IF;
    FOR key, value IN SELECT * FROM jsonb_each(patch) LOOP
        IF jsonb_typeof(value) = 'null' THEN
            merged := merged - key;
        ELSE
            merged := merged || jsonb_build_object(key, json_merge_patch(merged -> key, value));
        END IF;
    END LOOP;
    RETURN merged;
END $$;

-- History tells what changed by the names and in the units of the API: rating from 0 to 10, ids as they are given out.
UPDATE history_event SET detail = detail - 'ratingTenths' || jsonb_build_object('rating', jsonb_build_object(
    'old', (detail -> 'ratingTenths' ->> 'old')::numeric / 10, 'new', (detail -> 'ratingTenths' ->> 'new')::numeric / 10))
WHERE type = 'UPDATED' AND detail ? 'ratingTenths';
UPDATE history_event SET detail = detail - 'libraryId' || jsonb_build_object('library', jsonb_build_object(
    'old', 'library_' || (detail -> 'libraryId' ->> 'old'), 'new', 'library_' || (detail -> 'libraryId' ->> 'new')))
WHERE type = 'UPDATED' AND detail ? 'libraryId';
UPDATE history_event SET detail = detail - 'parentId' || jsonb_build_object('parent', jsonb_build_object(
    'old', 'media_' || (detail -> 'parentId' ->> 'old'), 'new', 'media_' || (detail -> 'parentId' ->> 'new')))
WHERE type = 'UPDATED' AND detail ? 'parentId';
