-- What people wrote over an inventory's attributes: an import keeps it, until whoever wrote it takes it back.
-- source: the act that wrote it, as its trade names it.
CREATE TABLE attribute_edits (
    urn text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    source uuid NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (urn, key)
);
