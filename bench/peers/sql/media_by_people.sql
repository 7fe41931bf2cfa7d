SELECT parent.id AS parent, page.* FROM unnest($1::bigint[]) AS parent(id) CROSS JOIN LATERAL (
    SELECT {media} FROM media_person j JOIN media m ON m.id = j.media_id
    WHERE j.person_id = parent.id ORDER BY j.person_id, j.media_id LIMIT $2
) AS page
