-- Several gateway roles share the field: who answers for which part, and since which change of hands.

-- Whoever has not been seen for a while is taken for dead; by the database's own clock, which all hosts have in common.
CREATE TABLE field_members (
    owner text PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- epoch: goes up with each change of hands; a transaction of a former holder finds another one and cannot commit.
CREATE TABLE field_shares (
    share smallint PRIMARY KEY,
    owner text,
    epoch bigint NOT NULL
);

-- Each share keeps the restart state of its own rows.
ALTER TABLE column_snapshots ADD COLUMN share smallint NOT NULL DEFAULT 0;
ALTER TABLE column_snapshots DROP CONSTRAINT column_snapshots_pkey;
ALTER TABLE column_snapshots ADD PRIMARY KEY (property_no, share);
