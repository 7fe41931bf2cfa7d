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

-- Words of titles and names, each once, by which wrong letters are seen. Learnt from time to time, not by who writes
-- (catalog/search_vocabulary.py): a word that lacks is found all the same.
CREATE TABLE search_word (
    word text COLLATE "C" PRIMARY KEY CHECK (char_length(word) BETWEEN 3 AND 30)
);

-- What a word shares with any that differs by so few letters as count as wrong ones: its beginning, its end or some
-- letters in its middle, with its length. Two halves of a short word, three parts of a longer one: one is left whole.
CREATE FUNCTION search_word_keys(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN char_length(word) < 7 THEN ARRAY[
    '^' || left(word, 2) || char_length(word), '$' || right(word, 2) || char_length(word)
] ELSE '{}' END || CASE WHEN char_length(word) > 4 THEN ARRAY[
    '^' || left(word, 3) || char_length(word), '$' || right(word, 3) || char_length(word)
] ELSE '{}' END || CASE WHEN char_length(word) > 6 THEN ARRAY[
    '-' || substr(word, 3, 3) || char_length(word), '-' || substr(word, 4, 3) || char_length(word),
    '-' || substr(word, 5, 3) || char_length(word)
] ELSE '{}' END;
CREATE INDEX search_word_keys ON search_word USING gin (search_word_keys(word));

-- Up to where words have been learnt: the feed of changes, and the ids of what has names.
CREATE TABLE search_vocabulary (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    transaction_id bigint NOT NULL DEFAULT 0,
    person_id bigint NOT NULL DEFAULT 0,
    tag_id bigint NOT NULL DEFAULT 0,
    genre_id bigint NOT NULL DEFAULT 0,
    channel_id bigint NOT NULL DEFAULT 0,
    collection_id bigint NOT NULL DEFAULT 0
);
INSERT INTO search_vocabulary DEFAULT VALUES;

-- How many letters two words differ by, where the server can tell; without it none is near enough to any other.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'fuzzystrmatch') THEN
        CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'fuzzystrmatch may not be created by this role: search will not correct wrong letters';
END $$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'fuzzystrmatch') THEN
        CREATE FUNCTION search_distance(one text, other text, most integer) RETURNS integer
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN levenshtein_less_equal(one, other, most);
    ELSE
        CREATE FUNCTION search_distance(one text, other text, most integer) RETURNS integer
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN most + 1;
    END IF;
END $$;

-- Nouns that are added later are searched as well.
ALTER FUNCTION add_named_noun(text, text) RENAME TO add_named_noun_with_version;
CREATE FUNCTION add_named_noun(noun text, event text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_named_noun_with_version(noun, event);
    EXECUTE format($sql$
        CREATE INDEX %1$s_name_lexemes ON %1$s_name
        USING gin (array_to_tsvector(string_to_array(search_words(folded), ' ')))
    $sql$, noun);
END $$;
