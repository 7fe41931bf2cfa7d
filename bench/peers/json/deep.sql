SELECT json_build_object('data', json_build_object('media', json_build_object('nodes', (
    SELECT json_agg(json_build_object('title', m.title, 'credits', json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object('role', c.role, 'character', c.character, 'person',
            json_build_object('name', p.name, 'media', json_build_object('nodes', (
                SELECT coalesce(json_agg(json_build_object('id', o.id::text, 'title', o.title) ORDER BY o.id), '[]')
                FROM (
                    SELECT o.id, o.title FROM media_person j JOIN media o ON o.id = j.media_id
                    WHERE j.person_id = p.id ORDER BY j.person_id, j.media_id LIMIT 5
                ) AS o
            )))) ORDER BY c.position, c.id), '[]')
        FROM (
            SELECT * FROM credit c WHERE c.media_id = m.id ORDER BY c.position, c.id LIMIT 5
        ) AS c JOIN person p ON p.id = c.person_id
    ))) ORDER BY m.id)
    FROM (SELECT id, title FROM media ORDER BY id LIMIT 5) AS m
))))::text
