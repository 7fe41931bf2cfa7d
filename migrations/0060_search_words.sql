-- The words by which search finds, derived from folded texts by the rule of domain/search_words.py: a test holds both
-- against each other. Tables have them as generated columns, so nobody who writes has to bring them.

-- The words of a folded text, and after a bar what was written together as one word. All that it needs stands in it: a
-- dump is restored without a search path.
CREATE FUNCTION search_words(folded text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    hyphened text := folded;  -- with one hyphen between words that were written together, else one space
    words text;
    alone text := '';  -- of characters that are words by themselves
    chunk text;
    parts text[];
    beside text[] := '{}';
    initials CONSTANT text := '[a-zα-ωа-я](?: [a-zα-ωа-я])+';
BEGIN
    IF hyphened !~ '^[a-z0-9 ]*$' THEN
        hyphened := regexp_replace(replace(hyphened, '&', '-and-'), '(^| )[+](?= |$)', '\1and', 'g');
        IF strpos(hyphened, '''') > 0 THEN
            hyphened := replace(regexp_replace(hyphened,
                '(^|[^a-z0-9])([ldjmnsco]|qu|un|all|dell|dall|nell|sull|quell|lorsqu|puisqu|jusqu)''(?=[a-z0-9]{2})',
                '\1\2-', 'g'), '''', '');
        END IF;
        IF hyphened ~ '^[\x01-\x7f]*$' THEN
            hyphened := regexp_replace(hyphened, '[^a-z0-9 ]+', '-', 'g');
        ELSE
            -- Classes of characters beyond ASCII (domain/word_characters.py): symbols, scripts without spaces, ...
            alone := '['
            '\u00a2-\u00a6\u00a9\u00ae\u00b0\u0482\u058d-\u058f\u060b\u060e\u060f\u06de\u06e9\u06fd\u06fe\u07f6\u07fe'
            '\u07ff\u09f2\u09f3\u09fa\u09fb\u0af1\u0b70\u0bf3-\u0bfa\u0c7f\u0d4f\u0d79\u0e3f\u0f01-\u0f03\u0f13'
            '\u0f15-\u0f17\u0f1a-\u0f1f\u0f34\u0f36\u0f38\u0fbe-\u0fc5\u0fc7-\u0fcc\u0fce\u0fcf\u0fd5-\u0fd8\u109e'
            '\u109f\u1390-\u1399\u166d\u17db\u1940\u19de-\u19ff\u1b61-\u1b6a\u1b74-\u1b7c\u20a0-\u20c0\u2100\u2101'
            '\u2103-\u2106\u2108\u2109\u2114\u2116\u2117\u211e-\u2123\u2125\u2127\u2129\u212e\u213a\u213b\u214a\u214c'
            '\u214d\u214f\u218a\u218b\u2195-\u2199\u219c-\u219f\u21a1\u21a2\u21a4\u21a5\u21a7-\u21ad\u21af-\u21cd'
            '\u21d0\u21d1\u21d3\u21d5-\u21f3\u2300-\u2307\u230c-\u231f\u2322-\u2328\u232b-\u237b\u237d-\u239a'
            '\u23b4-\u23db\u23e2-\u2426\u2440-\u244a\u249c-\u24e9\u2500-\u25b6\u25b8-\u25c0\u25c2-\u25f7\u2600-\u266e'
            '\u2670-\u2767\u2794-\u27bf\u2800-\u28ff\u2b00-\u2b2f\u2b45\u2b46\u2b4d-\u2b73\u2b76-\u2b95\u2b97-\u2bff'
            '\u2ce5-\u2cea\u2e50\u2e51\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u2ff0-\u2ffb\u3004\u3012\u3013\u3020'
            '\u3036\u3037\u303e\u303f\u3190\u3191\u3196-\u319f\u31c0-\u31e3\u3200-\u321e\u322a-\u3247\u3250'
            '\u3260-\u327f\u328a-\u32b0\u32c0-\u33ff\u4dc0-\u4dff\ua490-\ua4c6\ua828-\ua82b\ua836-\ua839\uaa77-\uaa79'
            '\ufd40-\ufd4f\ufdcf\ufdfc-\ufdff\ufe69\uff04\uffe0\uffe1\uffe4-\uffe6\uffe8\uffed\uffee\ufffc\ufffd'
            '\U00010137-\U0001013f\U00010179-\U00010189\U0001018c-\U0001018e\U00010190-\U0001019c\U000101a0'
            '\U000101d0-\U000101fc\U00010877\U00010878\U00010ac8\U0001173f\U00011fd5-\U00011ff1\U00016b3c-\U00016b3f'
            '\U00016b45\U0001bc9c\U0001cf50-\U0001cfc3\U0001d000-\U0001d0f5\U0001d100-\U0001d126\U0001d129-\U0001d164'
            '\U0001d16a-\U0001d16c\U0001d183\U0001d184\U0001d18c-\U0001d1a9\U0001d1ae-\U0001d1ea\U0001d200-\U0001d241'
            '\U0001d245\U0001d300-\U0001d356\U0001d800-\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74'
            '\U0001da76-\U0001da83\U0001da85\U0001da86\U0001e14f\U0001e2ff\U0001ecac\U0001ecb0\U0001ed2e'
            '\U0001f000-\U0001f0ff\U0001f10d-\U0001f3fa\U0001f400-\U0001fb92\U0001fb94-\U0001fbca'
            '\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3031-\u3035\u3041-\u30ff'
            '\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua980-\ua9ff\uaa60-\uaa7f'
            '\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff'
            ']';
            -- ... punctuation and other separators ...
            hyphened := regexp_replace(hyphened, '[\x01-\x1f!-/:-`{-\x7f'
            '\u0080-\u00a1\u00a7\u00a8\u00ab-\u00ad\u00af\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7'
            '\u02c2-\u02c5\u02d2-\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e\u0384\u0385\u0387\u03f6'
            '\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u060a\u060c\u060d\u061b-\u061f'
            '\u066a-\u066d\u06d4\u06dd\u0700-\u070d\u070f\u07f7-\u07f9\u0830-\u083e\u085e\u0888\u0890\u0891\u08e2'
            '\u0964\u0965\u0970\u09fd\u0a76\u0af0\u0c77\u0c84\u0df4\u0e4f\u0e5a\u0e5b\u0f04-\u0f12\u0f14\u0f3a-\u0f3d'
            '\u0f85\u0fd0-\u0fd4\u0fd9\u0fda\u104a-\u104f\u10fb\u1360-\u1368\u1400\u166e\u1680\u169b\u169c'
            '\u16eb-\u16ed\u1735\u1736\u17d4-\u17d6\u17d8-\u17da\u1800-\u180a\u180e\u1944\u1945\u1a1e\u1a1f'
            '\u1aa0-\u1aa6\u1aa8-\u1aad\u1b5a-\u1b60\u1b7d\u1b7e\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e\u1c7f\u1cc0-\u1cc7'
            '\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd\u1ffe\u2000-\u2064\u2066-\u206f'
            '\u207a-\u207e\u208a-\u208e\u2118\u2140-\u2144\u214b\u2190-\u2194\u219a\u219b\u21a0\u21a3\u21a6\u21ae'
            '\u21ce\u21cf\u21d2\u21d4\u21f4-\u22ff\u2308-\u230b\u2320\u2321\u2329\u232a\u237c\u239b-\u23b3'
            '\u23dc-\u23e1\u25b7\u25c1\u25f8-\u25ff\u266f\u2768-\u2775\u27c0-\u27ff\u2900-\u2aff\u2b30-\u2b44'
            '\u2b47-\u2b4c\u2cf9-\u2cfc\u2cfe\u2cff\u2d70\u2e00-\u2e2e\u2e30-\u2e4f\u2e52-\u2e5d\u3000-\u3003'
            '\u3008-\u3011\u3014-\u301f\u3030\u303d\u309b\u309c\u30a0\u30fb\ua4fe\ua4ff\ua60d-\ua60f\ua673\ua67e'
            '\ua6f2-\ua6f7\ua700-\ua716\ua720\ua721\ua789\ua78a\ua874-\ua877\ua8ce\ua8cf\ua8f8-\ua8fa\ua8fc\ua92e'
            '\ua92f\ua95f\ua9c1-\ua9cd\ua9de\ua9df\uaa5c-\uaa5f\uaade\uaadf\uaaf0\uaaf1\uab5b\uab6a\uab6b\uabeb'
            '\ud800-\udfff\ufb29\ufbb2-\ufbc2\ufd3e\ufd3f\ufe10-\ufe19\ufe30-\ufe52\ufe54-\ufe66\ufe68\ufe6a\ufe6b'
            '\ufeff\uff01-\uff03\uff05-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe2\uffe3\uffe9-\uffec'
            '\ufff9-\ufffb\U00010100-\U00010102\U0001039f\U000103d0\U0001056f\U00010857\U0001091f\U0001093f'
            '\U00010a50-\U00010a58\U00010a7f\U00010af0-\U00010af6\U00010b39-\U00010b3f\U00010b99-\U00010b9c\U00010ead'
            '\U00010f55-\U00010f59\U00010f86-\U00010f89\U00011047-\U0001104d\U000110bb-\U000110c1\U000110cd'
            '\U00011140-\U00011143\U00011174\U00011175\U000111c5-\U000111c8\U000111cd\U000111db\U000111dd-\U000111df'
            '\U00011238-\U0001123d\U000112a9\U0001144b-\U0001144f\U0001145a\U0001145b\U0001145d\U000114c6'
            '\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9\U0001173c-\U0001173e\U0001183b'
            '\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2'
            '\U00011c41-\U00011c45\U00011c70\U00011c71\U00011ef7\U00011ef8\U00011fff\U00012470-\U00012474\U00012ff1'
            '\U00012ff2\U00013430-\U00013438\U00016a6e\U00016a6f\U00016af5\U00016b37-\U00016b3b\U00016b44'
            '\U00016e97-\U00016e9a\U00016fe2\U0001bc9f-\U0001bca3\U0001d173-\U0001d17a\U0001d6c1\U0001d6db\U0001d6fb'
            '\U0001d715\U0001d735\U0001d74f\U0001d76f\U0001d789\U0001d7a9\U0001d7c3\U0001da87-\U0001da8b\U0001e95e'
            '\U0001e95f\U0001eef0\U0001eef1\U000e0001\U000e0020-\U000e007f'
            ']+', '-', 'g');
            -- ... and marks that belong to what stands alone.
            hyphened := regexp_replace(hyphened, alone || '['
            '\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u1056-\u1059'
            '\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd'
            '\u1a55-\u1a5e\u1a60-\u1a7c\u1a7f\u20d0-\u20ff\u302a-\u302d\u3099\u309a\ua980-\ua983\ua9b3-\ua9c0\ua9e5'
            '\uaa7b-\uaa7d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff'
            ']*', '-\&-', 'g');
        END IF;
        hyphened := regexp_replace(regexp_replace(hyphened, '--+', '-', 'g'), '[ -]* [ -]*', ' ', 'g');
    END IF;
    hyphened := btrim(hyphened, ' -');
    IF octet_length(hyphened) > 64 THEN
        hyphened := regexp_replace(hyphened, '([^ -]{64})[^ -]+', '\1', 'g');
    END IF;
    words := replace(hyphened, '-', ' ');
    IF words = '' THEN
        RETURN coalesce((
            SELECT string_agg(left(s.sign, 64), ' ' ORDER BY s.place)
            FROM unnest(string_to_array(replace(folded, '|', '¦'), ' ')) WITH ORDINALITY AS s(sign, place)
            WHERE s.sign <> ''), '');
    END IF;
    IF strpos(hyphened, '-') = 0 AND words !~ ('(^| )' || initials || '( |$)') THEN
        RETURN words;
    END IF;
    FOREACH chunk IN ARRAY string_to_array(hyphened, ' ') LOOP
        CONTINUE WHEN strpos(chunk, '-') = 0 OR alone <> '' AND chunk ~ alone;
        beside := beside || replace(chunk, '-', '');
        parts := string_to_array(chunk, '-');
        IF cardinality(parts) BETWEEN 3 AND 8 AND chunk ~ '[^-]{2}' THEN
            FOR place IN 1 .. cardinality(parts) - 1 LOOP
                beside := beside || (parts[place] || parts[place + 1]);
            END LOOP;
        END IF;
    END LOOP;
    FOR parts IN SELECT f.found FROM regexp_matches(words, '(?:^| )(' || initials || ')(?= |$)', 'g') AS f(found) LOOP
        beside := beside || replace(parts[1], ' ', '');
    END LOOP;
    parts := string_to_array(words, ' ');
    words := words || ' |';
    FOREACH chunk IN ARRAY beside LOOP
        IF left(chunk, 64) <> ALL (parts) THEN
            parts := parts || left(chunk, 64);
            words := words || ' ' || left(chunk, 64);
        END IF;
    END LOOP;
    RETURN rtrim(words, ' |');
END $$;

-- What whole titles and their beginnings are compared by: the words without a leading article and without spaces.
CREATE FUNCTION search_key(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(replace(regexp_replace(split_part(words, ' | ', 1),
    '^(the|a|an|le|la|les|l|un|une|der|das|die|ein|eine|el|los|las|una|il|lo|gli|os|um|uma|het|een|den|det) (?=.)', ''
), ' ', ''), 100);

