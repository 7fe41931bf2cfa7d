WITH page AS MATERIALIZED (SELECT id, title, year, rating_tenths FROM media ORDER BY id LIMIT $1::int + 1),
shown AS (SELECT * FROM page ORDER BY id LIMIT $1::int)
SELECT json_build_object('data', json_build_object('media', json_build_object(
    'edges', (SELECT json_agg(json_build_object('cursor', encode(m.id::text::bytea, 'base64'), 'node',
    json_build_object('id', m.id::text, 'title', m.title, 'year', m.year, 'rating', m.rating_tenths / 10.0::float8,
    'tags', (
        SELECT coalesce(json_agg(json_build_object('name', t.name) ORDER BY t.folded_name, t.id), '[]')
        FROM media_tag j JOIN tag t ON t.id = j.tag_id WHERE j.media_id = m.id
    ),
    'genres', (
        SELECT coalesce(json_agg(json_build_object('name', g.name) ORDER BY g.folded_name, g.id), '[]')
        FROM media_genre j JOIN genre g ON g.id = j.genre_id WHERE j.media_id = m.id
    ))) ORDER BY m.id) FROM shown m),
    'pageInfo', json_build_object('hasNextPage', (SELECT count(*) FROM page) > $1::int,
        'endCursor', (SELECT encode(max(id)::text::bytea, 'base64') FROM shown))
)))::text
