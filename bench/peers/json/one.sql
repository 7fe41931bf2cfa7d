SELECT json_build_object('data', json_build_object('mediaItem', (
    SELECT json_build_object('id', m.id::text, 'title', m.title, 'year', m.year,
    'tags', (
        SELECT coalesce(json_agg(json_build_object('name', t.name) ORDER BY t.folded_name, t.id), '[]')
        FROM media_tag j JOIN tag t ON t.id = j.tag_id WHERE j.media_id = m.id
    ),
    'genres', (
        SELECT coalesce(json_agg(json_build_object('name', g.name) ORDER BY g.folded_name, g.id), '[]')
        FROM media_genre j JOIN genre g ON g.id = j.genre_id WHERE j.media_id = m.id
    ))
    FROM media m WHERE m.id = $1::bigint
)))::text
