-- Changes of equipment: what was asked of which lights, who agreed, and every single value as it was before.

-- kept: values that undo left alone, because somebody changed them since.
CREATE TABLE lighting_re_equipments (
    id uuid PRIMARY KEY,
    state text NOT NULL,
    values jsonb NOT NULL,
    reason text,
    twin_nos integer[] NOT NULL,
    communes text[] NOT NULL,
    lights integer NOT NULL,
    kept integer NOT NULL DEFAULT 0,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text,
    undone_by uuid,
    undone_at timestamptz,
    undo_reason text
);
CREATE INDEX lighting_re_equipments_by_time ON lighting_re_equipments (proposed_at DESC);
CREATE INDEX lighting_re_equipments_waiting ON lighting_re_equipments (lapses_at) WHERE state = 'proposed';

-- former: NULL = the light had no such attribute; former_source: the earlier edit that this one wrote over.
CREATE TABLE lighting_attribute_edits (
    re_equipment uuid NOT NULL REFERENCES lighting_re_equipments,
    twin_no integer NOT NULL,
    key text NOT NULL,
    former jsonb,
    former_source uuid,
    value jsonb NOT NULL,
    PRIMARY KEY (re_equipment, twin_no, key)
);
