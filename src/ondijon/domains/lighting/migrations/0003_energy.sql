-- Energy proved by cabinets' meters, and work on lights and cabinets.

-- What each cabinet's counter counted in a night (the date of its evening); kwh NULL: unknown; coverage: the share
-- of the night that was read; source: metered, or simulated where the field is.
CREATE TABLE lighting_cabinet_nights (
    twin_no integer NOT NULL,
    night date NOT NULL,
    kwh double precision,
    coverage real NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (twin_no, night)
);

-- How often each night was rolled up, and up to which cabinet the run under way has come.
CREATE TABLE lighting_night_runs (
    night date PRIMARY KEY,
    runs smallint NOT NULL,
    after_no integer NOT NULL
);

-- What a commune's lights were before: every version stays. terms: the file's own words, NULL for a person's.
CREATE TABLE lighting_baselines (
    id uuid PRIMARY KEY,
    commune text NOT NULL REFERENCES communes,
    version integer NOT NULL,
    state text NOT NULL,
    valid_from date NOT NULL,
    metered_from date,
    metered_until date,
    on_offset_min double precision NOT NULL,
    off_offset_min double precision NOT NULL,
    hours_h double precision NOT NULL,
    eur_per_kwh double precision NOT NULL,
    eur_source text NOT NULL,
    goal_pct double precision NOT NULL,
    goal_source text NOT NULL,
    source text NOT NULL,
    inferred boolean NOT NULL,
    reason text NOT NULL,
    terms text,
    proposed_at timestamptz NOT NULL,
    proposed_by uuid NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    UNIQUE (commune, version)
);
CREATE UNIQUE INDEX lighting_baselines_standing ON lighting_baselines (commune) WHERE state = 'standing';
CREATE TABLE lighting_baseline_lines (
    baseline uuid NOT NULL REFERENCES lighting_baselines,
    cabinet integer NOT NULL,
    family text NOT NULL,
    power_w double precision NOT NULL,
    ballast_factor double precision NOT NULL,
    lights integer NOT NULL,
    PRIMARY KEY (baseline, cabinet, family)
);

-- What changed at a cabinet since, in watts of the baseline's technology: routine (lights came or went) or not.
CREATE TABLE lighting_energy_adjustments (
    id uuid PRIMARY KEY,
    cabinet integer NOT NULL,
    commune text NOT NULL REFERENCES communes,
    kind text NOT NULL,
    from_day date NOT NULL,
    until_day date,
    lights integer NOT NULL,
    power_w double precision NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    entered_at timestamptz NOT NULL,
    entered_by uuid NOT NULL
);
CREATE INDEX lighting_energy_adjustments_by_commune ON lighting_energy_adjustments (commune, from_day);

-- Savings as they were last proved, and which have to be proved again.
CREATE TABLE lighting_savings (
    commune text NOT NULL REFERENCES communes,
    year integer NOT NULL,
    baseline uuid NOT NULL REFERENCES lighting_baselines,
    proved_at timestamptz NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (commune, year)
);
CREATE TABLE lighting_savings_due (
    commune text NOT NULL,
    year integer NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (commune, year)
);
CREATE TABLE lighting_cabinet_savings (
    twin_no integer PRIMARY KEY,
    saving_pct double precision NOT NULL,
    since_day date NOT NULL,
    until_day date NOT NULL
);

-- Work on one light or cabinet; the dispatch issue takes over. note, outcome: free words.
CREATE TABLE lighting_work_orders (
    id uuid PRIMARY KEY,
    number integer NOT NULL UNIQUE,
    twin_no integer NOT NULL,
    commune text NOT NULL REFERENCES communes,
    kind text NOT NULL,
    state text NOT NULL,
    note text,
    outcome text,
    card uuid,
    incident uuid,
    assigned_to uuid,
    due_day date,
    minutes integer,
    version integer NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    ended_at timestamptz
);
CREATE INDEX lighting_work_orders_by_twin ON lighting_work_orders (twin_no);
CREATE INDEX lighting_work_orders_open ON lighting_work_orders (commune) WHERE state IN ('open', 'assigned');
CREATE TABLE lighting_work_order_parts (
    work_order uuid NOT NULL REFERENCES lighting_work_orders,
    place smallint NOT NULL,
    part text NOT NULL,
    quantity integer NOT NULL,
    PRIMARY KEY (work_order, place)
);
CREATE TABLE lighting_work_order_numbers (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last integer NOT NULL
);
-- Photos before and after, re-encoded on arrival.
CREATE TABLE lighting_work_order_photos (
    id uuid PRIMARY KEY,
    work_order uuid NOT NULL REFERENCES lighting_work_orders,
    name text NOT NULL,
    media_type text NOT NULL,
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL
);
CREATE INDEX lighting_work_order_photos_by_order ON lighting_work_order_photos (work_order);
