-- A BRIN index knows only pages that were summarised; without that, an hour of a fresh day is looked for in the whole
-- of it. Autovacuum does it when it comes by; this does it now, for the leaf of one UTC day.
CREATE FUNCTION summarize_readings(leaf_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    leaf regclass := to_regclass('readings_' || to_char(leaf_day, 'YYYYMMDD'));
BEGIN
    RETURN coalesce((
        SELECT sum(brin_summarize_new_values(pg_index.indexrelid))::integer
        FROM pg_index
        JOIN pg_class ON pg_class.oid = pg_index.indexrelid
        JOIN pg_am ON pg_am.oid = pg_class.relam
        WHERE pg_index.indrelid = leaf AND pg_am.amname = 'brin'), 0);
END $$;
