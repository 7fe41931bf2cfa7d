-- What a person did in the crew's own words ('Director of Photography'), beside the role; and the pages of one role,
-- which are walked like those of all roles.

ALTER TABLE credit ADD COLUMN job text CHECK (char_length(job) BETWEEN 1 AND 200);
CREATE INDEX credit_media_id_role_position_id ON credit (media_id, role, position, id);
CREATE INDEX credit_person_id_role_year_id ON credit (person_id, role, year, id);
