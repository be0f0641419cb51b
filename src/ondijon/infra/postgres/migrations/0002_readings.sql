-- The history of readings: one leaf a UTC day, written by binary COPY, moved to Parquet when old.

CREATE TABLE readings (
    twin_no integer NOT NULL,
    property_no smallint NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL
) PARTITION BY RANGE (observed_at);

-- One device over a month is a few pages of the BTREE; what arrived when, late readings too, is the tiny BRIN.
CREATE INDEX readings_by_twin ON readings (twin_no, property_no, observed_at);
CREATE INDEX readings_by_reception ON readings USING brin (received_at) WITH (pages_per_range = 32);

-- A device whose clock fell back to 1970 or 2000 must not make one leaf for each lost day.
CREATE TABLE readings_ancient PARTITION OF readings FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00:00+00');

-- Tells whether the leaf of a UTC day had to be made. Made apart and then attached, so that nobody who reads or
-- writes other leaves waits. It runs as the tables' owner: the post's own role only writes rows.
CREATE FUNCTION ensure_readings_leaf(leaf_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    leaf text := 'readings_' || to_char(leaf_day, 'YYYYMMDD');
    day_start timestamptz := leaf_day::timestamp AT TIME ZONE 'UTC';
    day_end timestamptz := (leaf_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(leaf) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ensure_readings_leaf'));
    IF to_regclass(leaf) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE readings INCLUDING DEFAULTS)', leaf);
    EXECUTE format('ALTER TABLE readings ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', leaf, day_start, day_end);
    RETURN true;
END $$;
