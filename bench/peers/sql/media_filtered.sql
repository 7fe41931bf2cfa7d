SELECT {media} FROM media_genre j JOIN media m ON m.id = j.media_id
WHERE j.genre_id = (SELECT n.genre_id FROM genre_name n WHERE n.folded = $1)
  AND j.year BETWEEN $2 AND $3 AND j.rating_tenths >= $4
ORDER BY j.rating_tenths DESC, j.media_id DESC LIMIT $5
