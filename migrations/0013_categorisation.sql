-- Categories of a media: pairs of a category and a value, such as ('mood', 'dark').

CREATE TABLE categorisation (
    media_id bigint NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    category text COLLATE "C" NOT NULL CHECK (octet_length(category) BETWEEN 1 AND 200),
    value text COLLATE "C" NOT NULL CHECK (octet_length(value) BETWEEN 1 AND 1000),
    PRIMARY KEY (media_id, category, value)
);
CREATE INDEX categorisation_category_value_media_id ON categorisation (category, value, media_id);

CREATE TRIGGER categorisation_bounded AFTER INSERT ON categorisation REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('256');
CREATE TRIGGER categorisation_rebounded AFTER UPDATE ON categorisation REFERENCING NEW TABLE AS changed OLD TABLE AS replaced
    FOR EACH STATEMENT EXECUTE FUNCTION bound_rows_a_media('256');

CREATE TRIGGER categorisation_touched AFTER INSERT ON categorisation REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER categorisation_retouched AFTER UPDATE ON categorisation REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
CREATE TRIGGER categorisation_untouched AFTER DELETE ON categorisation REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_media_touched();
