SELECT g.id, g.name FROM genre g WHERE g.id > $1 ORDER BY g.id LIMIT $2
