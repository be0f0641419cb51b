-- Incidents: what the room makes of alarms, calls and reports once somebody deals with them.

-- The catalogue of types as data; an older version stays for the incidents that were opened under it.
CREATE TABLE incident_types (
    key text NOT NULL,
    version integer NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    trade text NOT NULL,
    severity smallint NOT NULL,
    respond_s integer NOT NULL,
    resolve_s integer NOT NULL,
    content jsonb NOT NULL,
    place integer NOT NULL,
    PRIMARY KEY (key, version)
);
CREATE UNIQUE INDEX incident_types_current ON incident_types (key) WHERE until IS NULL;

-- The last number given in each local year.
CREATE TABLE incident_numbers (
    year integer PRIMARY KEY,
    last integer NOT NULL
);

-- respond_*, resolve_*: the two clocks (rules.py): microseconds used until `since`, when it last started (NULL: stands still),
-- when it was met, when it runs out (NULL while it stands still), when the room was told that it did.
CREATE TABLE incidents (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    type text NOT NULL,
    type_version integer NOT NULL,
    trade text NOT NULL,
    severity smallint NOT NULL,
    state text NOT NULL,
    title text,
    description text,
    commune text NOT NULL REFERENCES communes,
    street text,
    address text,
    twin text,
    position point NOT NULL,
    owner uuid,
    opened_by uuid NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    qualified_at timestamptz,
    started_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    respond_limit_s integer NOT NULL,
    respond_used_us bigint NOT NULL DEFAULT 0,
    respond_since timestamptz,
    respond_met_at timestamptz,
    respond_due_at timestamptz,
    respond_told_at timestamptz,
    resolve_limit_s integer NOT NULL,
    resolve_used_us bigint NOT NULL DEFAULT 0,
    resolve_since timestamptz,
    resolve_met_at timestamptz,
    resolve_due_at timestamptz,
    resolve_told_at timestamptz,
    merged_into uuid REFERENCES incidents,
    version integer NOT NULL DEFAULT 1,
    FOREIGN KEY (type, type_version) REFERENCES incident_types (key, version)
);
CREATE INDEX incidents_open ON incidents (opened_at DESC) WHERE state IN ('reported', 'qualified', 'in_progress');
CREATE INDEX incidents_by_time ON incidents (opened_at DESC, id);
CREATE INDEX incidents_by_place ON incidents USING gist (position);
CREATE INDEX incidents_merged ON incidents (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX incidents_respond_due ON incidents (respond_due_at) WHERE respond_told_at IS NULL;
CREATE INDEX incidents_resolve_due ON incidents (resolve_due_at) WHERE resolve_told_at IS NULL;

CREATE TABLE incident_pauses (
    id uuid PRIMARY KEY,
    incident uuid NOT NULL REFERENCES incidents,
    reason text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    ended_at timestamptz
);
CREATE UNIQUE INDEX incident_pauses_open ON incident_pauses (incident) WHERE ended_at IS NULL;
CREATE INDEX incident_pauses_by_end ON incident_pauses (until) WHERE ended_at IS NULL AND until IS NOT NULL;

-- What persons wrote: comments, notes, reasons; a fact names it by its id.
CREATE TABLE incident_texts (
    id uuid PRIMARY KEY,
    incident uuid NOT NULL REFERENCES incidents,
    kind text NOT NULL,
    text text NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX incident_texts_by_incident ON incident_texts (incident, at);

-- Where an incident comes from. `incident` holds it now, `origin` is where it was first noted.
CREATE TABLE incident_sources (
    id uuid PRIMARY KEY,
    incident uuid NOT NULL REFERENCES incidents,
    origin uuid NOT NULL REFERENCES incidents,
    kind text NOT NULL,
    source text NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX incident_sources_by_incident ON incident_sources (incident, at);
CREATE INDEX incident_sources_by_source ON incident_sources (kind, source);

-- Each time a source went to another incident, by merge or split.
CREATE TABLE incident_source_moves (
    id uuid PRIMARY KEY,
    source uuid NOT NULL REFERENCES incident_sources,
    from_incident uuid NOT NULL REFERENCES incidents,
    to_incident uuid NOT NULL REFERENCES incidents,
    step text NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE incident_assets (
    incident uuid NOT NULL REFERENCES incidents,
    twin text NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    PRIMARY KEY (incident, twin)
);
CREATE INDEX incident_assets_by_twin ON incident_assets (twin);

-- contact: the directory's id; name, kind and body as they were then. released_at: takes no part any more.
CREATE TABLE incident_participants (
    id uuid PRIMARY KEY,
    incident uuid NOT NULL REFERENCES incidents,
    contact uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    released_at timestamptz,
    handed_over_at timestamptz,
    taken_by_name text,
    reference text,
    note text
);
CREATE UNIQUE INDEX incident_participants_once ON incident_participants (incident, contact) WHERE released_at IS NULL;

-- A file waits here until an act attaches it; what nobody attached goes after an hour.
CREATE TABLE incident_files (
    id uuid PRIMARY KEY,
    incident uuid REFERENCES incidents,
    name text NOT NULL,
    media_type text NOT NULL,
    width integer,
    height integer,
    bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);
ALTER TABLE incident_files ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX incident_files_by_incident ON incident_files (incident, at);
CREATE INDEX incident_files_waiting ON incident_files (at) WHERE incident IS NULL;
