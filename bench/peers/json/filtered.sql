WITH page AS MATERIALIZED (
    SELECT m.id, m.title, m.year, m.rating_tenths FROM media_genre j JOIN media m ON m.id = j.media_id
    WHERE j.genre_id = (SELECT n.genre_id FROM genre_name n WHERE n.folded = $1)
      AND j.year BETWEEN $2 AND $3 AND j.rating_tenths >= 50
    ORDER BY j.rating_tenths DESC, j.media_id DESC LIMIT 51
)
SELECT json_build_object('data', json_build_object('media', json_build_object(
    'nodes', (
        SELECT coalesce(json_agg(json_build_object(
            'id', m.id::text, 'title', m.title, 'year', m.year, 'rating', m.rating_tenths / 10.0::float8
        ) ORDER BY m.rating_tenths DESC, m.id DESC), '[]')
        FROM (SELECT * FROM page ORDER BY rating_tenths DESC, id DESC LIMIT 50) AS m
    ),
    'pageInfo', json_build_object('hasNextPage', (SELECT count(*) FROM page) > 50)
)))::text
