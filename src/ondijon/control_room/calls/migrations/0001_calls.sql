-- Calls: the room's telephone. Who calls and what is said live in tables of their own, with their own time to be erased.

-- cti: what the telephone system calls it; answered_at, hung_up_at: as earliest known, in whatever order it was told.
-- lost: nobody told how it went on; such a call counts in no figure.
CREATE TABLE calls (
    id uuid PRIMARY KEY,
    call_no bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    channel text NOT NULL,
    cti text UNIQUE,
    state text NOT NULL,
    rang_at timestamptz NOT NULL,
    answered_at timestamptz,
    hung_up_at timestamptz,
    taken_by uuid,
    lost boolean NOT NULL DEFAULT false,
    anonymous boolean NOT NULL DEFAULT false,
    type text,
    commune text REFERENCES communes,
    street text,
    address text,
    twin text,
    position point,
    incident uuid,
    promise_at timestamptz,
    promise_kept boolean,
    call_back text,
    call_back_since timestamptz,
    call_back_tries integer NOT NULL DEFAULT 0,
    changed_by uuid NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX calls_ringing ON calls (rang_at) WHERE state = 'ringing';
CREATE INDEX calls_open ON calls (rang_at) WHERE state = 'open';
CREATE INDEX calls_to_call_back ON calls (call_back_since) WHERE call_back = 'wanted';
CREATE INDEX calls_by_time ON calls (rang_at DESC);
CREATE INDEX calls_by_incident ON calls (incident) WHERE incident IS NOT NULL;
CREATE INDEX calls_promised ON calls (promise_at) WHERE promise_kept IS NULL AND promise_at IS NOT NULL;

-- The caller: only who answers calls reads it, and it goes first.
CREATE TABLE callers (
    call uuid PRIMARY KEY REFERENCES calls,
    number text,
    name text,
    entered_at timestamptz NOT NULL
);
CREATE INDEX callers_by_age ON callers (entered_at);

-- What was said and promised, in the words of persons.
CREATE TABLE call_words (
    call uuid PRIMARY KEY REFERENCES calls,
    text text NOT NULL DEFAULT '',
    answers jsonb NOT NULL DEFAULT '{}',
    promise text NOT NULL DEFAULT '',
    entered_at timestamptz NOT NULL
);
CREATE INDEX call_words_by_age ON call_words (entered_at);

CREATE TABLE call_backs (
    id uuid PRIMARY KEY,
    call uuid NOT NULL REFERENCES calls,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    outcome text NOT NULL,
    text text
);
CREATE INDEX call_backs_by_call ON call_backs (call, at);

-- Telephone systems that may tell of calls: only the hash of each one's token.
CREATE TABLE cti_tokens (
    sha256 bytea PRIMARY KEY,
    made_at timestamptz NOT NULL,
    ended_at timestamptz
);
