-- Suggestions: the names of which there are most media, for what so many names begin with that not all are looked at.
-- Sums alone, which change when counts are folded; not what every edit adds to them. Genres and channels are few.

CREATE INDEX tag_media_count_most ON tag_media_count (media_count DESC, tag_id) INCLUDE (library_id)
    WHERE is_folded AND media_count > 1;
CREATE INDEX person_media_count_most ON person_media_count (media_count DESC, person_id) INCLUDE (library_id)
    WHERE is_folded AND media_count > 1;
CREATE INDEX collection_media_count_most ON collection_media_count (media_count DESC, collection_id) INCLUDE (library_id)
    WHERE is_folded AND media_count > 1;
