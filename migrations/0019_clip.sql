-- What is known of a clip: the channel it was made for, how long and how big it is, and where it is fetched from.
-- Whatever is not known yet is NULL. Sizes are numbers that JavaScript holds exactly.

CREATE TABLE clip (
    media_id bigint NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    channel_id bigint REFERENCES channel (id) ON DELETE SET NULL,
    duration_ms integer CHECK (duration_ms >= 0),
    size bigint CHECK (size BETWEEN 0 AND 9007199254740991),
    source_url text CHECK (octet_length(source_url) BETWEEN 1 AND 4000),
    PRIMARY KEY (media_id)
);
CREATE INDEX clip_channel_id_media_id ON clip (channel_id, media_id);
