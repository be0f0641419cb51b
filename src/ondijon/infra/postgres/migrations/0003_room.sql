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
    ADD COLUMN latched boolean NOT NULL DEFAULT false,
    DROP COLUMN acknowledged_name;
CREATE INDEX alarms_by_card ON alarms (card_id, raised_at);
CREATE INDEX alarms_standing ON alarms (raised_at) WHERE state <> 'normal';
CREATE INDEX alarms_by_clearing ON alarms (cleared_at) WHERE state = 'normal';
CREATE INDEX alarms_by_twin ON alarms (twin_no, raised_at DESC);

-- Put aside, with an end, a reason and an owner (ISA-18.2, 3.1: shelve). cause: operator, chattering.
CREATE TABLE alarm_shelvings (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    twin_no integer NOT NULL,
    cause text NOT NULL,
    reason text,
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
    reason text,
    owner uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    ended_at timestamptz,
    ended_by uuid
);
CREATE INDEX alarm_silences_standing ON alarm_silences (since) WHERE ended_at IS NULL;

-- Brings cards into step with their alarms, shelvings and silences, whoever changed those, and tells what that meant:
-- raised, raised_again (it must be annunciated), cleared, closed, shelved, unshelved, or nothing but numbers.
CREATE FUNCTION refresh_alarm_cards(card_ids uuid[], at timestamptz) RETURNS TABLE (card uuid, happened text[])
LANGUAGE sql AS $$
    WITH silenced AS (
        SELECT DISTINCT s.type, t.twin_no FROM alarm_silences s, unnest(s.twin_nos) AS t(twin_no)
        WHERE s.ended_at IS NULL AND s.since <= at AND (s.until IS NULL OR s.until > at)
    ), counted AS (
        SELECT a.card_id, a.commune, count(DISTINCT a.twin_no) AS members,
               count(*) FILTER (WHERE a.state LIKE 'active%') AS active,
               count(*) FILTER (WHERE a.state LIKE '%unacknowledged') AS unacknowledged,
               count(*) FILTER (WHERE a.state LIKE 'latched%') AS latched,
               count(*) FILTER (WHERE a.state <> 'normal') AS standing,
               count(h.id) FILTER (WHERE a.state <> 'normal') AS shelved,
               min(h.until) FILTER (WHERE a.state <> 'normal') AS shelved_until,
               count(*) FILTER (WHERE a.state NOT LIKE 'active%' AND a.state <> 'normal' AND (
                   a.twin_no IN (SELECT s.twin_no FROM silenced s WHERE s.type IS NULL)
                   OR (a.type, a.twin_no) IN (SELECT s.type, s.twin_no FROM silenced s WHERE s.type IS NOT NULL)))
                   AS silenced,
               sum(a.times_raised) AS times_raised,
               max(a.cleared_at) AS cleared_at, max(a.acknowledged_at) AS acknowledged_at
        FROM alarms a
        LEFT JOIN alarm_shelvings h ON h.ended_at IS NULL AND (h.type, h.twin_no) = (a.type, a.twin_no)
        WHERE a.card_id = ANY(card_ids) GROUP BY a.card_id, a.commune
    ), summed AS (
        SELECT card_id, sum(members) AS members, sum(active) AS active, sum(unacknowledged) AS unacknowledged,
               sum(latched) AS latched, sum(standing) AS standing, sum(shelved) AS shelved,
               min(shelved_until) AS shelved_until, sum(silenced) AS silenced, sum(times_raised) AS times_raised,
               max(cleared_at) AS cleared_at, max(acknowledged_at) AS acknowledged_at,
               jsonb_object_agg(commune, jsonb_build_object(
                   'members', members, 'active', active, 'unacknowledged', unacknowledged)) AS by_commune
        FROM counted GROUP BY card_id
    ), wanted AS (
        SELECT c.id, c.active AS former_active, c.unacknowledged AS former_unacknowledged, c.over_at AS former_over_at,
               c.disposition AS former_disposition, c.annunciated_at AS former_annunciated_at,
               coalesce(s.members, 0) AS members, coalesce(s.active, 0) AS active,
               coalesce(s.unacknowledged, 0) AS unacknowledged, coalesce(s.latched, 0) AS latched,
               coalesce(s.times_raised, 0) AS times_raised,
               -- Who has seen its alarms in a commune is told also when the last of them has left.
               coalesce((SELECT jsonb_object_agg(
                   b.key, jsonb_build_object('members', 0, 'active', 0, 'unacknowledged', 0))
                   FROM jsonb_each(c.by_commune) AS b), '{}') || coalesce(s.by_commune, '{}') AS by_commune,
               CASE WHEN coalesce(s.active, 0) = 0 THEN coalesce(s.cleared_at, c.cleared_at, at) END AS cleared_at,
               CASE WHEN coalesce(s.unacknowledged, 0) = 0 THEN coalesce(s.acknowledged_at, c.acknowledged_at) END
                   AS acknowledged_at,
               CASE WHEN coalesce(s.standing, 0) = 0 THEN coalesce(c.over_at, at) END AS over_at,
               CASE WHEN c.merged_into IS NOT NULL THEN 'merged'
                    WHEN coalesce(s.standing, 0) = 0 THEN c.disposition
                    WHEN s.shelved = s.standing THEN 'shelved'
                    WHEN s.silenced = s.standing THEN 'out_of_service' ELSE 'shown' END AS disposition,
               CASE WHEN s.shelved = s.standing AND c.merged_into IS NULL THEN s.shelved_until END AS shelved_until
        FROM alarm_cards c LEFT JOIN summed s ON s.card_id = c.id WHERE c.id = ANY(card_ids)
    ), judged AS (
        SELECT w.*, w.disposition = 'shown' AND w.unacknowledged > 0 AND w.over_at IS NULL AND (
                   w.former_annunciated_at IS NULL OR w.former_unacknowledged = 0
                   OR (w.former_active = 0 AND w.active > 0) OR w.former_disposition <> 'shown') AS rings
        FROM wanted w
    ), changed AS (
        UPDATE alarm_cards c SET members = w.members, active = w.active, unacknowledged = w.unacknowledged,
            latched = w.latched, times_raised = w.times_raised, by_commune = w.by_commune, cleared_at = w.cleared_at,
            acknowledged_at = w.acknowledged_at, over_at = w.over_at, disposition = w.disposition,
            shelved_until = w.shelved_until, version = c.version + 1,
            annunciated_at = CASE WHEN w.rings THEN at ELSE c.annunciated_at END,
            acknowledged_by = CASE WHEN w.acknowledged_at IS NOT NULL THEN coalesce(
                (SELECT a.acknowledged_by FROM alarms a
                 WHERE a.card_id = c.id AND a.acknowledged_at = w.acknowledged_at LIMIT 1), c.acknowledged_by) END
        FROM judged w
        WHERE c.id = w.id AND (w.rings OR (c.members, c.active, c.unacknowledged, c.latched, c.times_raised,
                               c.by_commune, c.cleared_at, c.acknowledged_at, c.over_at, c.disposition, c.shelved_until)
            IS DISTINCT FROM (w.members, w.active, w.unacknowledged, w.latched, w.times_raised,
                              w.by_commune, w.cleared_at, w.acknowledged_at, w.over_at, w.disposition, w.shelved_until))
        RETURNING w.*
    )
    SELECT id, array_remove(ARRAY[
        CASE WHEN disposition = 'shown' AND former_disposition = 'shelved' AND over_at IS NULL THEN 'unshelved' END,
        CASE WHEN rings AND former_annunciated_at IS NULL THEN 'raised' WHEN rings THEN 'raised_again' END,
        CASE WHEN disposition = 'shelved' AND former_disposition <> 'shelved' THEN 'shelved' END,
        CASE WHEN disposition <> 'merged' AND active = 0 AND former_active > 0 AND over_at IS NULL THEN 'cleared' END,
        CASE WHEN disposition <> 'merged' AND members > 0 AND over_at IS NOT NULL AND former_over_at IS NULL
             THEN 'closed' END], NULL)
    FROM changed
$$;

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
