SELECT j.media_id AS parent, g.id, g.name FROM media_genre j JOIN genre g ON g.id = j.genre_id
WHERE j.media_id = any($1::bigint[]) ORDER BY j.media_id, g.folded_name, g.id
