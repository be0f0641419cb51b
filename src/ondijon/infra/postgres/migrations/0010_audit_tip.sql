-- Take the audit log for the rest of the transaction and read its last line, in one round trip: what others wait for.
-- VOLATILE: the second statement sees what was committed while the first one waited.
CREATE FUNCTION take_audit_tip() RETURNS TABLE (line_no bigint, hash bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ondijon.audit'));
    RETURN QUERY SELECT audit.line_no, audit.hash FROM audit ORDER BY audit.line_no DESC LIMIT 1;
END $$;
