SELECT {media} FROM media m WHERE m.id > $1 ORDER BY m.id LIMIT $2
