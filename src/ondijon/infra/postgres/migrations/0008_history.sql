-- Old days of readings go to Parquet files; which file counts, and what is on its way there, is known here.

-- One row an archived UTC day: the only file of that day that counts. Its readings are no longer in any leaf.
CREATE TABLE archive_days (
    day date PRIMARY KEY,
    file text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    archived_at timestamptz NOT NULL
);

-- A leaf on its way: nobody writes to it any more, everybody reads it here. Its parent of old style needs no scan.
CREATE TABLE readings_moving (LIKE readings);

-- All readings that are still in this database.
CREATE VIEW readings_here AS SELECT * FROM readings UNION ALL SELECT * FROM readings_moving;

-- Take the leaf of a day out of `readings`: from now on late readings of that day make a new one. Tells whether there
-- is something on its way for this day. Gives up after half a second rather than make writers wait.
CREATE FUNCTION begin_moving(leaf_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '500ms' AS $$
DECLARE
    leaf text := 'readings_' || to_char(leaf_day, 'YYYYMMDD');
    moving text := 'readings_moving_' || to_char(leaf_day, 'YYYYMMDD');
BEGIN
    IF to_regclass(moving) IS NOT NULL THEN
        RETURN true;
    END IF;
    IF to_regclass(leaf) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE readings DETACH PARTITION %I', leaf);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', leaf, moving);
    EXECUTE format('ALTER TABLE %I INHERIT readings_moving', moving);
    RETURN true;
END $$;

-- In one step the day's new file counts, and what was moved into it is gone from here. `former` is the file that was
-- merged into it: another one means that somebody else was faster, and nothing happens. No file: nothing is left.
CREATE FUNCTION finish_moving(
    leaf_day date, former text, new_file text, new_rows bigint, new_bytes bigint, new_sha256 text, done_at timestamptz,
    with_leaf boolean
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
        INSERT INTO archive_days VALUES (leaf_day, new_file, new_rows, new_bytes, new_sha256, done_at);
    END IF;
    IF with_leaf THEN
        EXECUTE format('DROP TABLE %I', moving);
    END IF;
    RETURN true;
END $$;
