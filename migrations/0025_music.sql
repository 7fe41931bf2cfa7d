-- What is known of a media as music. Tempo in hundredths of beats a minute: a whole number is the same after a round trip.

CREATE TABLE music (
    media_id bigint NOT NULL PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
    tempo_hundredths integer CHECK (tempo_hundredths BETWEEN 1 AND 10000000),
    key_signature text CHECK (char_length(key_signature) BETWEEN 1 AND 20),
    time_signature text CHECK (time_signature ~ '^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$'),
    track_count integer CHECK (track_count >= 0),
    note_count integer CHECK (note_count >= 0),
    duration_ms bigint CHECK (duration_ms BETWEEN 0 AND 9000000000000)
);

-- Search by tempo needs nothing of the table itself.
CREATE INDEX music_tempo ON music (tempo_hundredths) INCLUDE (media_id, key_signature, time_signature);
