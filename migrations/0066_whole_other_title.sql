-- Whole other titles rank right behind whole titles (docs/search.md), so they are looked up by every search: by what whole
-- titles are compared by (0060), not by their words, which very many may have.
CREATE INDEX media_alias_key ON media_alias (search_key(search_words(folded_title)));
CREATE INDEX media_original_title_key ON media (search_key(search_words(folded_original_title)))
    WHERE folded_original_title IS NOT NULL;
