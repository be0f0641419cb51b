-- How often attributes of known twins were edited: roles renew them in place, an import alone makes them start anew.

ALTER TABLE city ADD COLUMN attributes_version bigint NOT NULL DEFAULT 1;
