SELECT {media} FROM media m WHERE m.id = any($1::bigint[])
