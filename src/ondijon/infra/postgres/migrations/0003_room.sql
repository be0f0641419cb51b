-- The room: facts with who and where, acts with one effect each, cards of alarms, shelving, automations.

ALTER TABLE events
    ADD COLUMN event_no bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN trade text,
    ADD COLUMN subject text,
    ADD COLUMN actor uuid;
CREATE INDEX events_in_order ON events (xid, event_no);
CREATE INDEX events_by_subject ON events (subject, at, event_no) WHERE subject IS NOT NULL;

-- An act that was done: the same idempotency key again gets the same answer.
CREATE TABLE acts_done (
    idempotency_key uuid PRIMARY KEY,
    actor uuid NOT NULL,
    key text NOT NULL,
    at timestamptz NOT NULL,
    result jsonb NOT NULL
);
CREATE INDEX acts_done_by_age ON acts_done (at);

-- How far each follower has read the events, in the order of their commits.
CREATE TABLE followers (
    key text PRIMARY KEY,
    xid xid8 NOT NULL,
    event_no bigint NOT NULL
);

-- One line of the alarm list: a single alarm, or a root cause with its members.
-- kind: single, circuit, phase, cabinet, feeder, gateway, link, area, flood; element: see kernel.grouping.Cause.
-- disposition: shown, shelved, out_of_service, merged (its alarms stand in another card now).
CREATE TABLE alarm_cards (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    element text NOT NULL,
    type text NOT NULL,
    trade text NOT NULL,
    twin_no integer,
    priority smallint NOT NULL,
    disposition text NOT NULL DEFAULT 'shown',
    shelved_until timestamptz,
    merged_into uuid REFERENCES alarm_cards,
    first_alarm uuid NOT NULL,
    members integer NOT NULL,
    active integer NOT NULL,
    unacknowledged integer NOT NULL,
    by_commune jsonb NOT NULL,
    expected jsonb NOT NULL,
    explanation jsonb NOT NULL,
    position point NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    over_at timestamptz,
    incident uuid,
    dissolved boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX alarm_cards_open ON alarm_cards (kind, element, type)
    WHERE over_at IS NULL AND merged_into IS NULL AND kind <> 'single';
CREATE INDEX alarm_cards_standing ON alarm_cards (raised_at) WHERE over_at IS NULL AND merged_into IS NULL;
CREATE INDEX alarm_cards_by_time ON alarm_cards (raised_at DESC);

ALTER TABLE alarms
    ADD COLUMN card_id uuid REFERENCES alarm_cards,
    ADD COLUMN apart boolean NOT NULL DEFAULT false,
    ADD COLUMN times_raised integer NOT NULL DEFAULT 1,
    ADD COLUMN latched boolean NOT NULL DEFAULT false;
CREATE INDEX alarms_by_card ON alarms (card_id, raised_at);
CREATE INDEX alarms_without_card ON alarms (raised_at) WHERE card_id IS NULL AND state <> 'normal';
CREATE INDEX alarms_by_twin ON alarms (twin_no, raised_at DESC);

-- Put aside, with an end, a reason and an owner (ISA-18.2, 3.1: shelve). cause: operator, chattering.
CREATE TABLE alarm_shelvings (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    twin_no integer NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    owner uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    times_raised integer NOT NULL DEFAULT 0,
    ended_at timestamptz,
    ended_by uuid
);
CREATE UNIQUE INDEX alarm_shelvings_open ON alarm_shelvings (type, twin_no) WHERE ended_at IS NULL;
CREATE INDEX alarm_shelvings_by_end ON alarm_shelvings (until) WHERE ended_at IS NULL;

-- No alarm is raised for these twins while it stands: works, or out of service (type NULL = every alarm of the twin).
CREATE TABLE alarm_silences (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    type text,
    twin_nos integer[] NOT NULL,
    trade text NOT NULL,
    communes text[] NOT NULL,
    reason text NOT NULL,
    owner uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    ended_at timestamptz,
    ended_by uuid
);
CREATE INDEX alarm_silences_standing ON alarm_silences (since) WHERE ended_at IS NULL;

-- What a rule decided, with what it knew: the register shows the last hundred of each.
CREATE TABLE automation_decisions (
    id uuid PRIMARY KEY,
    automation text NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    trade text,
    commune text,
    input jsonb NOT NULL,
    outcome jsonb NOT NULL
);
CREATE INDEX automation_decisions_latest ON automation_decisions (automation, at DESC);
