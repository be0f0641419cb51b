-- Who can be called: services, on-call numbers, contractors, outside bodies, emergency numbers.
-- seed: name in the city's directory.toml; NULL = entered in the room. edited: a person has changed it since, so that
-- the file no longer does. `*` in trades or communes = every one.
CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    seed text UNIQUE,
    edited boolean NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    body text NOT NULL,
    phone text NOT NULL,
    email text NOT NULL,
    trades text[] NOT NULL,
    communes text[] NOT NULL,
    hours text NOT NULL,
    note text NOT NULL,
    version integer NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by uuid NOT NULL,
    retired_at timestamptz
);
CREATE INDEX contacts_by_key ON contacts (key) WHERE retired_at IS NULL;

-- The person behind a contact, with a direct number: personal data, apart.
CREATE TABLE contact_persons (
    contact uuid PRIMARY KEY REFERENCES contacts ON DELETE CASCADE,
    name text NOT NULL,
    phone text NOT NULL,
    email text NOT NULL,
    entered_at timestamptz NOT NULL
);
