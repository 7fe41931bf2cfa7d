-- What search finds media and names by: words, derived by the database itself (0060), and indexes over them.

-- popularity: as sources or people give it; equally good matches are ordered by it, then by rating (docs/search.md).
-- title_words, title_key, search_rank: derived, so nobody writes them.
ALTER TABLE media
    ADD COLUMN popularity integer NOT NULL DEFAULT 0 CHECK (popularity BETWEEN 0 AND 10000000),
    ADD COLUMN title_words text COLLATE "C" GENERATED ALWAYS AS (search_words(folded_title)) STORED,
    ADD COLUMN title_key text COLLATE "C" GENERATED ALWAYS AS (search_key(search_words(folded_title))) STORED,
    ADD COLUMN search_rank integer GENERATED ALWAYS AS (popularity * 102 + coalesce(rating_tenths, -1) + 1) STORED;

-- Titles by their words. Nothing of PostgreSQL's parser stands between; without positions or weights no match has to be
-- looked at again.
CREATE INDEX media_title_lexemes ON media USING gin (array_to_tsvector(string_to_array(title_words, ' ')));
-- Whole titles and their beginnings, and all titles by rank: walked where so many match that gathering them would take
-- longer. Covering, so that titles that do not match cost no look into the table.
CREATE INDEX media_title_key_search_rank_id ON media (title_key, search_rank, id) INCLUDE (library_id, title_words);
CREATE INDEX media_search_rank_id ON media (search_rank, id) INCLUDE (library_id, title_words);

-- Other titles and names are few where they match: their words are derived as they are looked at.
CREATE INDEX media_original_title_lexemes ON media
    USING gin (array_to_tsvector(string_to_array(search_words(folded_original_title), ' ')))
    WHERE folded_original_title IS NOT NULL;
CREATE INDEX media_alias_lexemes ON media_alias
    USING gin (array_to_tsvector(string_to_array(search_words(folded_title), ' ')));
CREATE INDEX person_lexemes ON person USING gin (array_to_tsvector(string_to_array(search_words(folded_name), ' ')));
CREATE INDEX collection_lexemes ON collection
    USING gin (array_to_tsvector(string_to_array(search_words(folded_name), ' ')));
CREATE INDEX tag_name_lexemes ON tag_name USING gin (array_to_tsvector(string_to_array(search_words(folded), ' ')));
CREATE INDEX genre_name_lexemes ON genre_name USING gin (array_to_tsvector(string_to_array(search_words(folded), ' ')));
CREATE INDEX channel_name_lexemes ON channel_name
    USING gin (array_to_tsvector(string_to_array(search_words(folded), ' ')));

-- The rest of what is known of a media: long texts, and the names of its files, whose accents are taken off here.
CREATE INDEX media_overview_lexemes ON media
    USING gin (array_to_tsvector(string_to_array(search_words(folded_overview), ' ')))
    WHERE folded_overview IS NOT NULL;
CREATE INDEX media_file_lexemes ON media_file
    USING gin (array_to_tsvector(string_to_array(search_words(
        lower(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g'))
    ), ' ')));
