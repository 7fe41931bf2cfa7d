SELECT {media} FROM media m WHERE m.id = $1
