-- The post's own tables. Times come from the injected clock, never from now().

CREATE TABLE city (
    key text PRIMARY KEY,
    version bigint NOT NULL,
    imported_at timestamptz NOT NULL,
    inventory_sha256 text NOT NULL
);

CREATE TABLE communes (
    insee text PRIMARY KEY,
    code smallint NOT NULL UNIQUE,
    name text NOT NULL,
    population integer NOT NULL,
    area_km2 double precision NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    boundary jsonb NOT NULL
);

CREATE TABLE streets (
    street_id text PRIMARY KEY,
    name text NOT NULL,
    commune text NOT NULL REFERENCES communes,
    street_class text NOT NULL,
    one_way boolean NOT NULL,
    line jsonb NOT NULL
);
CREATE INDEX streets_by_name ON streets (lower(name));

CREATE TABLE addresses (
    street_id text NOT NULL REFERENCES streets,
    number text NOT NULL,
    position point NOT NULL
);
CREATE INDEX addresses_by_street ON addresses (street_id);

CREATE TABLE landscape (
    kind text NOT NULL,
    name text NOT NULL,
    shape jsonb NOT NULL
);

CREATE TABLE twins (
    twin_no integer PRIMARY KEY,
    urn text NOT NULL UNIQUE,
    type text NOT NULL,
    commune text NOT NULL REFERENCES communes,
    name text NOT NULL,
    position point NOT NULL,
    street_id text REFERENCES streets,
    part_of text,
    gateway text,
    device text,
    attributes jsonb NOT NULL,
    retired_at timestamptz
);
CREATE INDEX twins_by_type ON twins (type, twin_no);
CREATE INDEX twins_by_street ON twins (street_id);
CREATE INDEX twins_by_place ON twins USING gist (position);
CREATE UNIQUE INDEX twins_by_device ON twins (gateway, device) WHERE retired_at IS NULL;

CREATE TABLE properties (
    property_no smallint PRIMARY KEY,
    twin_type text NOT NULL,
    key text NOT NULL,
    UNIQUE (twin_type, key)
);

-- Restart state of the columns: one row a property, arrays as little-endian bytes.
CREATE TABLE column_snapshots (
    property_no smallint PRIMARY KEY REFERENCES properties,
    taken_at timestamptz NOT NULL,
    twin_no bytea NOT NULL,
    value bytea NOT NULL,
    observed_us bytea NOT NULL,
    received_us bytea NOT NULL,
    quality bytea NOT NULL
);
ALTER TABLE column_snapshots
    ALTER COLUMN twin_no SET STORAGE EXTERNAL,
    ALTER COLUMN value SET STORAGE EXTERNAL,
    ALTER COLUMN observed_us SET STORAGE EXTERNAL,
    ALTER COLUMN received_us SET STORAGE EXTERNAL,
    ALTER COLUMN quality SET STORAGE EXTERNAL;

-- Which packs of each gateway have been committed: newest number and a bitmap of the 64 before it.
CREATE TABLE ingest_cursor (
    driver text PRIMARY KEY,
    gateways text[] NOT NULL,
    newest bytea NOT NULL,
    window_bits bytea NOT NULL,
    gaps bytea NOT NULL
);

CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    driver text NOT NULL,
    gateway text NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    repeated integer NOT NULL DEFAULT 1,
    replayed_at timestamptz
);
CREATE INDEX dead_letters_by_time ON dead_letters (received_at DESC);

CREATE TABLE gateway_credentials (
    gateway text PRIMARY KEY,
    secret_sha256 bytea NOT NULL,
    added_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    pseudonym uuid NOT NULL UNIQUE,
    username text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    grants jsonb NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    opened_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE commands (
    id uuid PRIMARY KEY,
    idempotency_key uuid NOT NULL UNIQUE,
    key text NOT NULL,
    trade text NOT NULL,
    twin_type text NOT NULL,
    hold_group text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    payload jsonb NOT NULL,
    selection jsonb NOT NULL,
    precondition jsonb,
    risk_class smallint NOT NULL,
    issuer uuid NOT NULL,
    issuer_name text NOT NULL,
    approver uuid,
    approver_name text,
    requested_at timestamptz NOT NULL,
    approved_at timestamptz,
    expires_s integer NOT NULL,
    expires_at timestamptz NOT NULL,
    prepared_at timestamptz,
    hold_until timestamptz,
    undo_of uuid REFERENCES commands,
    undone_by uuid REFERENCES commands,
    communes text[] NOT NULL,
    counts jsonb NOT NULL
);
CREATE INDEX commands_by_time ON commands (requested_at DESC);
CREATE INDEX commands_open ON commands (requested_at)
    WHERE state IN ('awaiting_approval', 'requested', 'sent', 'accepted');

-- wanted: values in the order of the hold group's properties (NaN = not written); NULL = give back to the programme.
-- former: what was held before, so that undo restores it exactly; NULL = the programme.
CREATE TABLE command_targets (
    command_id uuid NOT NULL REFERENCES commands,
    twin_no integer NOT NULL,
    state smallint NOT NULL,
    reason text,
    wanted double precision[],
    former double precision[],
    former_until timestamptz,
    sent_at timestamptz,
    accepted_at timestamptz,
    done_at timestamptz,
    PRIMARY KEY (command_id, twin_no)
);
CREATE INDEX command_targets_by_twin ON command_targets (twin_no, command_id DESC);
CREATE INDEX command_targets_open ON command_targets (command_id) WHERE state < 3;

CREATE TABLE holds (
    twin_no integer NOT NULL,
    hold_group text NOT NULL,
    wanted double precision[] NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    command_id uuid NOT NULL REFERENCES commands,
    PRIMARY KEY (twin_no, hold_group)
);
CREATE INDEX holds_by_end ON holds (until) WHERE until IS NOT NULL;

CREATE TABLE programmes (
    twin_no integer PRIMARY KEY,
    version bigint NOT NULL,
    content jsonb NOT NULL,
    wanted_since timestamptz NOT NULL
);

CREATE TABLE alarms (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    trade text NOT NULL,
    twin_no integer NOT NULL,
    commune text NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    acknowledged_name text,
    evidence jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX alarms_open ON alarms (type, twin_no) WHERE state <> 'normal';
CREATE INDEX alarms_by_time ON alarms (raised_at DESC);

CREATE TABLE events (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    at timestamptz NOT NULL,
    commune text,
    twin text,
    payload jsonb NOT NULL
);
CREATE INDEX events_by_time ON events (at DESC);
CREATE INDEX events_by_twin ON events (twin, at DESC);

CREATE TABLE audit (
    line_no bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor uuid,
    act text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TABLE jobs (
    key text PRIMARY KEY,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by text,
    failures integer NOT NULL DEFAULT 0
);
