-- People who come from the metropolis's own directory, sessions that lock, and the broken glass.

-- Somebody known to an OpenID provider has no password here.
ALTER TABLE users
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN oidc_issuer text,
    ADD COLUMN oidc_subject text,
    ADD CONSTRAINT users_one_proof CHECK (
        (oidc_issuer IS NULL) = (oidc_subject IS NULL) AND (password_hash IS NULL) = (oidc_subject IS NOT NULL)
    );
CREATE UNIQUE INDEX users_by_oidc_subject ON users (oidc_issuer, oidc_subject) WHERE oidc_subject IS NOT NULL;

-- seen_at is the last input of a person, never a live socket's sign of life; idle_lock_s NULL = never locks by itself.
-- browser, network: coarse on purpose (Firefox, loopback): enough to know one's own sessions, too little to know a person.
DELETE FROM sessions;
ALTER TABLE sessions
    ADD COLUMN id uuid NOT NULL UNIQUE,
    ADD COLUMN idle_lock_s integer CHECK (idle_lock_s > 0),
    ADD COLUMN locked_at timestamptz,
    ADD COLUMN browser text NOT NULL,
    ADD COLUMN network text NOT NULL;

-- A sign-in under way at the OpenID provider; binder: SHA-256 of the cookie that the browser must bring back.
CREATE TABLE oidc_flows (
    binder_sha256 bytea PRIMARY KEY,
    state text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    unlocks bytea,
    started_at timestamptz NOT NULL
);
CREATE INDEX oidc_flows_by_age ON oidc_flows (started_at);

-- Every right but to configure and to audit, for minutes, in an emergency.
CREATE TABLE broken_glass (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    pseudonym uuid NOT NULL,
    reason text,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (since < until AND ended_at <= until)
);
CREATE INDEX broken_glass_by_user ON broken_glass (user_id, until);
CREATE INDEX broken_glass_by_time ON broken_glass (since DESC);

-- What somebody did while the glass was broken.
CREATE INDEX audit_by_actor ON audit (actor, at);
