-- Fields and lists of a media that metadata services may not overwrite, since somebody has chosen what is there.

ALTER TABLE media ADD COLUMN locked_fields text[] NOT NULL DEFAULT '{}' CHECK (
    locked_fields <@ ARRAY[
        'TITLE', 'ORIGINAL_TITLE', 'YEAR', 'OVERVIEW', 'RATING', 'RUNTIME', 'TAGLINES', 'GENRES', 'CREDITS', 'ARTWORK',
        'EXTERNAL_IDS', 'COLLECTIONS'
    ]
    AND cardinality(locked_fields) <= 12 AND array_position(locked_fields, NULL) IS NULL
);
