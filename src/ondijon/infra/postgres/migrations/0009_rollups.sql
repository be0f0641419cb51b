-- Exact roll-ups: what was touched is marked in the transaction that stored it, and reckoned anew from the readings.

-- The hour (of all twins, or of one that reported late) or local day that must be reckoned; added to, taken whole.
CREATE TABLE rollup_marks (
    grain text NOT NULL,
    begins_at timestamptz NOT NULL,
    twin_no integer
);

-- Hours: of what other twins are part of (a cabinet's lights), or of a twin that is part of nothing.
CREATE TABLE readings_hourly (
    of_no integer NOT NULL,
    property_no smallint NOT NULL,
    begins_at timestamptz NOT NULL,
    n bigint NOT NULL,
    total double precision NOT NULL,
    lowest double precision NOT NULL,
    highest double precision NOT NULL,
    PRIMARY KEY (property_no, of_no, begins_at)
);
CREATE INDEX readings_hourly_by_time ON readings_hourly USING brin (begins_at) WITH (pages_per_range = 16);

-- Local days of each twin.
CREATE TABLE readings_daily (
    of_no integer NOT NULL,
    property_no smallint NOT NULL,
    begins_at timestamptz NOT NULL,
    n bigint NOT NULL,
    total double precision NOT NULL,
    lowest double precision NOT NULL,
    highest double precision NOT NULL,
    PRIMARY KEY (property_no, of_no, begins_at)
);
CREATE INDEX readings_daily_by_time ON readings_daily USING brin (begins_at) WITH (pages_per_range = 16);

-- Whose hours a twin's readings count for.
CREATE VIEW twin_groups AS
SELECT twins.twin_no, coalesce(parents.twin_no, twins.twin_no) AS of_no
FROM twins LEFT JOIN twins AS parents ON parents.urn = twins.part_of;

-- An hour is a few pages of its day, late readings apart.
CREATE INDEX readings_by_observation ON readings USING brin (observed_at) WITH (pages_per_range = 32);

-- How long a property may be kept, as last declared: a trade that is gone has its data erased when due all the same.
ALTER TABLE properties ADD COLUMN retention_days integer;

-- Which properties a file holds, so that retention opens only files that it must write anew.
ALTER TABLE archive_days ADD COLUMN properties smallint[] NOT NULL DEFAULT '{}';

DROP FUNCTION finish_moving(date, text, text, bigint, bigint, text, timestamptz, boolean);
CREATE FUNCTION finish_moving(
    leaf_day date, former text, new_file text, new_rows bigint, new_bytes bigint, new_sha256 text,
    new_properties smallint[], done_at timestamptz, with_leaf boolean
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
DECLARE
    moving text := 'readings_moving_' || to_char(leaf_day, 'YYYYMMDD');
BEGIN
    -- Readers who hold these see all as it was before, those who come later as it is after.
    LOCK TABLE ONLY readings, ONLY readings_moving IN ACCESS EXCLUSIVE MODE;
    IF (SELECT file FROM archive_days WHERE day = leaf_day) IS DISTINCT FROM former
        OR (to_regclass(moving) IS NOT NULL) <> with_leaf THEN
        RETURN false;
    END IF;
    DELETE FROM archive_days WHERE day = leaf_day;
    IF new_file IS NOT NULL THEN
        INSERT INTO archive_days (day, file, rows, bytes, sha256, properties, archived_at)
        VALUES (leaf_day, new_file, new_rows, new_bytes, new_sha256, new_properties, done_at);
    END IF;
    IF with_leaf THEN
        EXECUTE format('DROP TABLE %I', moving);
    END IF;
    RETURN true;
END $$;

-- Erase what a property had before an instant, wherever it lies in this database; files are written anew elsewhere.
-- Readings of clocks that fell back before 2020 go by the time they came.
CREATE FUNCTION erase_readings(of_property smallint, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    erased bigint := 0;
    counted bigint;
BEGIN
    DELETE FROM readings WHERE property_no = of_property AND observed_at < before AND observed_at >= '2020-01-01 00:00:00+00';
    GET DIAGNOSTICS counted = ROW_COUNT;
    erased := erased + counted;
    DELETE FROM readings_ancient WHERE property_no = of_property AND received_at < before;
    GET DIAGNOSTICS counted = ROW_COUNT;
    erased := erased + counted;
    DELETE FROM readings_hourly WHERE property_no = of_property AND begins_at < before;
    GET DIAGNOSTICS counted = ROW_COUNT;
    erased := erased + counted;
    DELETE FROM readings_daily WHERE property_no = of_property AND begins_at < before;
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN erased + counted;
END $$;
