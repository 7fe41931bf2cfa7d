-- Ids that other services know a person by: source is theirs ('imdb', 'tmdb', ...), a pair names one person.

CREATE TABLE person_external_id (
    source text COLLATE "C" NOT NULL CHECK (source ~ '^[^:]{1,50}$'),
    value text COLLATE "C" NOT NULL CHECK (octet_length(value) BETWEEN 1 AND 1000),
    person_id bigint NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    PRIMARY KEY (source, value)
);
CREATE INDEX person_external_id_person_id_source_value ON person_external_id (person_id, source, value);
