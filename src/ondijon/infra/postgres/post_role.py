"""The role that the post signs in with owns nothing: it writes rows, and of the audit log it only adds lines."""

import asyncpg

APPEND_ONLY = ("audit", "logbook_lines")
READ_ONLY = ("schema_migrations",)
_ADVISORY_LOCK = 0x6F6E_6469_6A6F_6F

# Tables made later by the owner (days of readings) get the same rights by default.
_GRANT = """
DO $$
DECLARE
    post text := {role};
    found record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), post);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I',
                   current_schema(), post);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO %I', current_schema(), post);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', current_schema(), post);
    FOR found IN
        SELECT c.oid::regclass AS name, c.relname = ANY ({append_only}) AS append_only,
               c.relname = ANY ({read_only}) AS read_only,
               has_table_privilege(post, c.oid, 'UPDATE') AS may_update,
               has_table_privilege(post, c.oid, 'INSERT') AS may_insert
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v')
            AND pg_has_role(current_user, c.relowner, 'USAGE')
    LOOP
        IF found.append_only THEN
            EXECUTE format('REVOKE ALL ON %s FROM %I', found.name, post);
            EXECUTE format('GRANT SELECT, INSERT ON %s TO %I', found.name, post);
        ELSIF found.read_only THEN
            EXECUTE format('REVOKE ALL ON %s FROM %I', found.name, post);
            EXECUTE format('GRANT SELECT ON %s TO %I', found.name, post);
        ELSIF NOT (found.may_update AND found.may_insert) THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', found.name, post);
        END IF;
    END LOOP;
END $$
"""


async def grant_post(owner_dsn: str, post_dsn: str) -> bool:
    """Give the post's role its rights on whatever the migrations made; a second time it changes nothing.

    Returns whether the two roles differ: where they do not, nothing can be taken from the owner.
    """
    if owner_dsn == post_dsn:
        return False
    role = await _role_of(post_dsn)
    if role == await _role_of(owner_dsn):
        return False
    owner = await asyncpg.connect(owner_dsn)
    try:
        await owner.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
        await owner.execute(_GRANT.format(role=role, append_only=_array(APPEND_ONLY), read_only=_array(READ_ONLY)))
        return True
    finally:
        await owner.close()


async def _role_of(dsn: str) -> str:
    """Who signs in, as an SQL literal."""
    connection = await asyncpg.connect(dsn)
    try:
        role: str = await connection.fetchval("SELECT quote_literal(current_user)")
    finally:
        await connection.close()
    return role


def _array(names: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]::name[]"
