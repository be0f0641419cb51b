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
    result jsonb
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
-- members: twins that ever stood in it; by_commune: {INSEE: {members, active, unacknowledged}}; annunciated_at: when it
-- was last put before the operators, NULL = never.
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
    members integer NOT NULL DEFAULT 0,
    active integer NOT NULL DEFAULT 0,
    unacknowledged integer NOT NULL DEFAULT 0,
    latched integer NOT NULL DEFAULT 0,
    times_raised integer NOT NULL DEFAULT 0,
    by_commune jsonb NOT NULL DEFAULT '{}',
    expected jsonb NOT NULL,
    explanation jsonb NOT NULL,
    position point NOT NULL,
    raised_at timestamptz NOT NULL,
    annunciated_at timestamptz,
    cleared_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    over_at timestamptz,
    incident uuid,
    dissolved boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX alarm_cards_open ON alarm_cards (kind, element)
    WHERE over_at IS NULL AND merged_into IS NULL AND kind <> 'single';
CREATE INDEX alarm_cards_standing ON alarm_cards (raised_at) WHERE over_at IS NULL AND merged_into IS NULL;
CREATE INDEX alarm_cards_by_time ON alarm_cards (raised_at DESC);
CREATE INDEX alarm_cards_annunciated ON alarm_cards (annunciated_at DESC);

ALTER TABLE alarms
    ADD COLUMN card_id uuid REFERENCES alarm_cards,
    ADD COLUMN apart boolean NOT NULL DEFAULT false,
    ADD COLUMN times_raised integer NOT NULL DEFAULT 1,
    ADD COLUMN latched boolean NOT NULL DEFAULT false;
CREATE INDEX alarms_by_card ON alarms (card_id, raised_at);
CREATE INDEX alarms_standing ON alarms (raised_at) WHERE state <> 'normal';
CREATE INDEX alarms_by_clearing ON alarms (cleared_at) WHERE state = 'normal';
CREATE INDEX alarms_by_twin ON alarms (twin_no, raised_at DESC);

-- Brings cards into step with their alarms, whoever changed those; tells which cards it changed.
CREATE FUNCTION refresh_alarm_cards(card_ids uuid[], at timestamptz) RETURNS SETOF uuid LANGUAGE sql AS $$
    WITH counted AS (
        SELECT card_id, commune, count(DISTINCT twin_no) AS members,
               count(*) FILTER (WHERE state LIKE 'active%') AS active,
               count(*) FILTER (WHERE state LIKE '%unacknowledged') AS unacknowledged,
               count(*) FILTER (WHERE state LIKE 'latched%') AS latched,
               count(*) FILTER (WHERE state <> 'normal') AS standing,
               sum(times_raised) AS times_raised,
               max(cleared_at) AS cleared_at, max(acknowledged_at) AS acknowledged_at
        FROM alarms WHERE card_id = ANY(card_ids) GROUP BY card_id, commune
    ), summed AS (
        SELECT card_id, sum(members) AS members, sum(active) AS active, sum(unacknowledged) AS unacknowledged,
               sum(latched) AS latched, sum(standing) AS standing, sum(times_raised) AS times_raised,
               max(cleared_at) AS cleared_at, max(acknowledged_at) AS acknowledged_at,
               jsonb_object_agg(commune, jsonb_build_object(
                   'members', members, 'active', active, 'unacknowledged', unacknowledged)) AS by_commune
        FROM counted GROUP BY card_id
    ), wanted AS (
        SELECT c.id, coalesce(s.members, 0) AS members, coalesce(s.active, 0) AS active,
               coalesce(s.unacknowledged, 0) AS unacknowledged, coalesce(s.latched, 0) AS latched,
               coalesce(s.times_raised, 0) AS times_raised, coalesce(s.by_commune, '{}') AS by_commune,
               CASE WHEN coalesce(s.active, 0) = 0 THEN coalesce(s.cleared_at, c.cleared_at, at) END AS cleared_at,
               CASE WHEN coalesce(s.unacknowledged, 0) = 0 THEN coalesce(s.acknowledged_at, c.acknowledged_at) END
                   AS acknowledged_at,
               CASE WHEN coalesce(s.standing, 0) = 0 THEN coalesce(c.over_at, at) END AS over_at
        FROM alarm_cards c LEFT JOIN summed s ON s.card_id = c.id WHERE c.id = ANY(card_ids)
    )
    UPDATE alarm_cards c SET members = w.members, active = w.active, unacknowledged = w.unacknowledged,
        latched = w.latched, times_raised = w.times_raised, by_commune = w.by_commune, cleared_at = w.cleared_at,
        acknowledged_at = w.acknowledged_at, over_at = w.over_at, version = c.version + 1,
        acknowledged_by = CASE WHEN w.acknowledged_at IS NOT NULL THEN coalesce(
            (SELECT a.acknowledged_by FROM alarms a
             WHERE a.card_id = c.id AND a.acknowledged_at = w.acknowledged_at LIMIT 1), c.acknowledged_by) END
    FROM wanted w
    WHERE c.id = w.id AND (c.members, c.active, c.unacknowledged, c.latched, c.times_raised, c.by_commune,
                           c.cleared_at, c.acknowledged_at, c.over_at)
        IS DISTINCT FROM (w.members, w.active, w.unacknowledged, w.latched, w.times_raised, w.by_commune,
                          w.cleared_at, w.acknowledged_at, w.over_at)
    RETURNING c.id
$$;

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

-- Facts that a follower could not work on: kept, so that nobody believes it did.
CREATE TABLE events_unfollowed (
    follower text NOT NULL,
    event uuid NOT NULL,
    at timestamptz NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (follower, event)
);
