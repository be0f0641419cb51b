-- Programmes: every version is kept; which gateways each concerned; what each light follows; what electricity costs.

-- decided: published or rejected; over: superseded, withdrawn or ended. stored_at: every gateway concerned had it;
-- behind_at: when it was told that some have it not. seed: the file's own text of it, NULL once a person changed it.
CREATE TABLE lighting_programmes (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    layer text NOT NULL,
    content jsonb NOT NULL,
    communes text[] NOT NULL,
    lights integer NOT NULL,
    drafted_by uuid NOT NULL,
    drafted_at timestamptz NOT NULL,
    proposed_by uuid,
    proposed_at timestamptz,
    reason text NOT NULL DEFAULT '',
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text NOT NULL DEFAULT '',
    over_by uuid,
    over_at timestamptz,
    resolved_at timestamptz,
    stored_at timestamptz,
    behind_at timestamptz,
    seed jsonb,
    changed_by uuid NOT NULL,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (key, number)
);
CREATE UNIQUE INDEX lighting_programmes_open ON lighting_programmes (key) WHERE state IN ('draft', 'proposed');
CREATE UNIQUE INDEX lighting_programmes_published ON lighting_programmes (key) WHERE state = 'published';

-- The version of its stored programme that a cabinet needs, so that this publication is in force there.
CREATE TABLE lighting_programme_gateways (
    programme uuid NOT NULL REFERENCES lighting_programmes,
    twin_no integer NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (programme, twin_no)
);

-- Which programme gives each light its night now; version: the programme's own number.
CREATE TABLE lighting_light_programmes (
    twin_no integer PRIMARY KEY,
    programme text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE lighting_tariffs (
    since_day date PRIMARY KEY,
    eur_per_kwh double precision NOT NULL,
    source text NOT NULL
);
