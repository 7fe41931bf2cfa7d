-- Ids that other services know a media by: source is theirs ('wikipedia', 'imdb', ...), a pair names one media.

CREATE TABLE external_id (
    source text COLLATE "C" NOT NULL CHECK (source ~ '^[^:]{1,50}$'),
    value text COLLATE "C" NOT NULL CHECK (octet_length(value) BETWEEN 1 AND 1000),
    media_id bigint NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (source, value)
);
CREATE INDEX external_id_media_id_source_value ON external_id (media_id, source, value);

CREATE TRIGGER external_id_bounded AFTER INSERT ON external_id REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('64');
CREATE TRIGGER external_id_rebounded AFTER UPDATE ON external_id REFERENCING NEW TABLE AS changed OLD TABLE AS replaced
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('64');
