SELECT json_build_object('data', json_build_object('media', json_build_object('nodes', (
    SELECT json_agg(json_build_object(
        'id', m.id::text, 'kind', m.kind, 'title', m.title, 'originalTitle', m.original_title,
        'sortTitle', m.sort_title, 'year', m.year, 'overview', m.overview, 'rating', m.rating_tenths / 10.0::float8,
        'runtimeMinutes', m.runtime_minutes, 'addedAt', m.added_at, 'updatedAt', m.updated_at
    ) ORDER BY m.id)
    FROM (SELECT * FROM media ORDER BY id LIMIT 100) AS m
))))::text
