-- The logbook (main courante): one line for each fact of the room and each word of a person, in order, for ever.
-- What is said in free words may name people: it stands beside the line, so that it can be erased and the line stays.

-- kind: automatic (from an event), free, correction. said: what the sentence `log.{key}` is filled with.
-- trade and commune decide who may see it; trade NULL: who sees everything; commune NULL: who sees the whole trade.
-- hash: SHA-256 over the previous line's hash and this line as canonical JSON (see model.py).
CREATE TABLE logbook_lines (
    line_no bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    key text,
    said jsonb NOT NULL,
    trade text,
    commune text,
    subject text,
    actor uuid,
    corrects bigint REFERENCES logbook_lines,
    event uuid UNIQUE,
    text_sha256 bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX logbook_corrections ON logbook_lines (corrects) WHERE corrects IS NOT NULL;

CREATE FUNCTION logbook_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the logbook is append-only';
END $$;
CREATE TRIGGER logbook_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON logbook_lines
    FOR EACH STATEMENT EXECUTE FUNCTION logbook_is_append_only();

-- The words of each line and what it is found by. personal_since: NULL for automatic lines, which name nobody.
-- Once erased, text and salt are NULL: without the salt the line's text_sha256 tells nothing of the words.
CREATE TABLE logbook_texts (
    line_no bigint PRIMARY KEY REFERENCES logbook_lines,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    trade text,
    commune text,
    subject text,
    text text,
    salt uuid,
    personal_since timestamptz
);

-- The only change is erasure of free words: whole, once, and never of automatic lines.
CREATE FUNCTION logbook_words_only_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.personal_since IS NOT NULL AND NEW.text IS NULL AND NEW.salt IS NULL
        AND (OLD.line_no, OLD.at, OLD.kind, OLD.trade, OLD.commune, OLD.subject, OLD.personal_since)
            IS NOT DISTINCT FROM
            (NEW.line_no, NEW.at, NEW.kind, NEW.trade, NEW.commune, NEW.subject, NEW.personal_since)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the logbook is append-only';
END $$;
CREATE TRIGGER logbook_words_only_go BEFORE UPDATE OR DELETE ON logbook_texts
    FOR EACH ROW EXECUTE FUNCTION logbook_words_only_go();
CREATE TRIGGER logbook_words_stay BEFORE TRUNCATE ON logbook_texts
    FOR EACH STATEMENT EXECUTE FUNCTION logbook_is_append_only();

-- When the lines of each bucket (4,096 line numbers) happened, so that a period reads its own buckets only.
CREATE TABLE logbook_buckets (
    bucket bigint PRIMARY KEY,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);

-- Facts that come in storms, counted until their minute is over: then they make one line.
CREATE TABLE logbook_gathered (
    key text NOT NULL,
    minute timestamptz NOT NULL,
    count integer NOT NULL,
    names text[] NOT NULL,
    PRIMARY KEY (key, minute)
);

-- Small letters, and a space for what only joins or adorns; the rest of the house may run under any locale.
CREATE FUNCTION logbook_plain(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(translate(words,
    'ÀÂÄÁÃÇÉÈÊËÍÎÏÓÔÖÕÙÛÜÚŸÑŒÆ’''-_/.:@«»“”()…–—°·' || chr(160) || chr(8239),
    'àâäáãçéèêëíîïóôöõùûüúÿñœæ' || repeat(' ', 24)), 'œ', 'oe'), 'æ', 'ae');

-- Without accents.
CREATE FUNCTION logbook_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(words, 'àâäáãçéèêëíîïóôöõùûüúÿñ', 'aaaaaceeeeiiioooouuuuyn');

-- What a text is found by. written, folded: stems of the words as written and as written without accents, both then
-- without accents, so that "allumee" and "allumée" both find "allumé"; pairs: neighbours, so that a phrase is found
-- without reading lines.
CREATE FUNCTION logbook_stems(words text, OUT written text[], OUT folded text[], OUT pairs text[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 SET search_path FROM CURRENT AS $$
DECLARE
    plain text := logbook_plain(words);
BEGIN
    written := array_remove(string_to_array(logbook_fold(array_to_string(
        tsvector_to_array(to_tsvector('pg_catalog.french', plain)), ' ')), ' '), '');
    SELECT array_agg(placed.stem), array_remove(array_agg(placed.stem || '~' || placed.following), NULL)
    INTO folded, pairs
    FROM (
        SELECT left(found.lexeme, 64) AS stem, lead(left(found.lexeme, 64)) OVER (ORDER BY place) AS following
        FROM unnest(to_tsvector('pg_catalog.french', logbook_fold(plain))) AS found, unnest(found.positions) AS place
    ) AS placed;
END $$;

-- One index answers every question: words, phrases, rights (t: trade, a: trade and commune), kind, commune, subject, and
-- bucket and span (b:, B:), by which the search goes back in time piece by piece.
CREATE FUNCTION logbook_words(line_no bigint, kind text, trade text, commune text, subject text, words text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 SET search_path FROM CURRENT AS $$
DECLARE
    found record;
BEGIN
    SELECT * INTO found FROM logbook_stems(coalesce(words, ''));
    RETURN array_to_tsvector(array_remove(found.written || found.folded || found.pairs || ARRAY[
        'b:' || (line_no >> 12), 'B:' || (line_no >> 16), 'k:' || kind, 't:' || trade,
        'c:' || commune, 'a:' || trade || ':' || commune, 's:' || left(subject, 64)], NULL));
END $$;

CREATE INDEX logbook_by_words ON logbook_texts
    USING gin (logbook_words(line_no, kind, trade, commune, subject, text)) WITH (fastupdate = off);
ALTER INDEX logbook_by_words ALTER COLUMN 1 SET STATISTICS 0;

-- A commune's week counts what was looked at and taken out on its ground.
CREATE INDEX audit_by_time ON audit USING brin (at);
