SELECT json_build_object('data', json_build_object('genres', json_build_object('nodes', (
    SELECT json_agg(json_build_object('name', g.name, 'media', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object('id', m.id::text, 'title', m.title, 'tags', (
            SELECT coalesce(json_agg(json_build_object('name', t.name) ORDER BY t.folded_name, t.id), '[]')
            FROM media_tag j JOIN tag t ON t.id = j.tag_id WHERE j.media_id = m.id
        )) ORDER BY m.id), '[]')
        FROM (
            SELECT m.id, m.title FROM media_genre j JOIN media m ON m.id = j.media_id
            WHERE j.genre_id = g.id ORDER BY j.genre_id, j.media_id LIMIT 10
        ) AS m
    ))) ORDER BY g.id)
    FROM (SELECT id, name FROM genre ORDER BY id LIMIT 20) AS g
))))::text
