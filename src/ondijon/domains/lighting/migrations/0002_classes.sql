-- The EN 13201 class and floor of every light; what people say of streets; policies below floors; where light adapts.

-- street_class: of the light's street itself, which on a crossing is another one than the light's.
CREATE TABLE lighting_light_classes (
    twin_no integer PRIMARY KEY,
    class text NOT NULL,
    street_class text NOT NULL,
    class_inferred boolean NOT NULL,
    on_crossing boolean NOT NULL,
    floor_pct double precision NOT NULL
);

-- What the classes were last made from: another import or another floor makes them again.
CREATE TABLE lighting_classified (
    made_from text PRIMARY KEY,
    at timestamptz NOT NULL
);

-- A person's word on a street goes before what is surveyed or inferred; by name, because arcs are replaced by imports.
CREATE TABLE lighting_street_classes (
    commune text NOT NULL REFERENCES communes,
    street text NOT NULL,
    class text NOT NULL,
    reason text NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (commune, street)
);

CREATE TABLE lighting_floors (
    class text PRIMARY KEY,
    kept text NOT NULL,
    source text NOT NULL
);

CREATE TABLE lighting_commune_floors (
    commune text NOT NULL REFERENCES communes,
    class text,
    crossings_only boolean NOT NULL,
    least_pct double precision NOT NULL,
    source text NOT NULL
);

-- state: see rules/policies.py. from_min, to_min: minutes of the local day; since, until: nights by their evening.
CREATE TABLE lighting_policies (
    id uuid PRIMARY KEY,
    commune text NOT NULL REFERENCES communes,
    classes text[] NOT NULL,
    crossings boolean NOT NULL,
    from_min smallint NOT NULL,
    to_min smallint NOT NULL,
    least_pct double precision NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    legal_note text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text NOT NULL DEFAULT '',
    revoked_by uuid,
    revoked_at timestamptz,
    revocation_reason text NOT NULL DEFAULT ''
);
CREATE INDEX lighting_policies_in_force ON lighting_policies (commune) WHERE state = 'authorised';

-- Where adaptive light is on; seeded: still as the city's file says.
CREATE TABLE lighting_adaptive_communes (
    commune text PRIMARY KEY REFERENCES communes,
    is_on boolean NOT NULL,
    reason text NOT NULL,
    seeded boolean NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL
);
