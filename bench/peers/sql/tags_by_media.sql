SELECT j.media_id AS parent, t.id, t.name FROM media_tag j JOIN tag t ON t.id = j.tag_id
WHERE j.media_id = any($1::bigint[]) ORDER BY j.media_id, t.folded_name, t.id
