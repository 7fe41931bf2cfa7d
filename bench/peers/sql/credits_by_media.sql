SELECT parent.id AS parent, page.* FROM unnest($1::bigint[]) AS parent(id) CROSS JOIN LATERAL (
    SELECT c.id, c.role, c.character, c.position, c.person_id FROM credit c
    WHERE c.media_id = parent.id ORDER BY c.position, c.id LIMIT $2
) AS page
