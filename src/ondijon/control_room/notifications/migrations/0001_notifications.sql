-- What somebody should know: one notice a happening, one notification a recipient, one delivery a way out of the room.
-- cause: what it is about when it may be told only once; step, state, due_at: see model.Escalation.
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    cause text UNIQUE,
    subject text NOT NULL,
    trade text NOT NULL,
    commune text,
    values jsonb NOT NULL,
    urgent boolean NOT NULL,
    at timestamptz NOT NULL,
    by uuid,
    step smallint NOT NULL,
    state text NOT NULL,
    due_at timestamptz
);
CREATE INDEX notices_waiting ON notices (due_at) WHERE state = 'waiting';
CREATE INDEX notices_by_age ON notices (at);

-- recipient: a user's pseudonym, or contact: somebody of the directory, who has no screen here.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    notice uuid NOT NULL REFERENCES notices ON DELETE CASCADE,
    recipient uuid,
    contact uuid,
    at timestamptz NOT NULL,
    read_at timestamptz,
    CHECK (num_nonnulls(recipient, contact) = 1)
);
CREATE UNIQUE INDEX notifications_of_person ON notifications (recipient, notice) WHERE recipient IS NOT NULL;
CREATE UNIQUE INDEX notifications_of_contact ON notifications (notice, contact) WHERE contact IS NOT NULL;
CREATE INDEX notifications_latest ON notifications (recipient, at DESC);
CREATE INDEX notifications_by_notice ON notifications (notice);

-- Where people want to be told outside the room; way: mail, sms, webhook.
CREATE TABLE notification_addresses (
    person uuid NOT NULL,
    way text NOT NULL,
    address text NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (person, way)
);

-- state: queued, sent, delivered, failed. tries counts leases, so that a late sender cannot overwrite a later one.
CREATE TABLE notification_deliveries (
    notification uuid NOT NULL REFERENCES notifications ON DELETE CASCADE,
    way text NOT NULL,
    address text,
    title text NOT NULL,
    text text NOT NULL,
    state text NOT NULL,
    tries integer NOT NULL,
    next_try_at timestamptz,
    leased_until timestamptz,
    last_error text,
    receipt text,
    queued_at timestamptz NOT NULL,
    ended_at timestamptz,
    told_at timestamptz,
    PRIMARY KEY (notification, way)
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_try_at) WHERE state = 'queued';
CREATE INDEX notification_deliveries_failed ON notification_deliveries (ended_at) WHERE state = 'failed';
