-- When a media was given a tag; of pairs older than this migration, when it ran. The primary key brings the time along,
-- so that the tags of a media with their times are read from the index alone.

ALTER TABLE media_tag ADD COLUMN tagged_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE media_tag
    DROP CONSTRAINT media_tag_pkey,
    ADD CONSTRAINT media_tag_pkey PRIMARY KEY (media_id, tag_id) INCLUDE (tagged_at);
