-- How much traffic an arc carries where it was counted, where people cross on foot, and whom an import must name.

ALTER TABLE streets
    ADD COLUMN vehicles_per_day integer CHECK (vehicles_per_day >= 0),
    ADD COLUMN counted_year smallint;

CREATE TABLE crossings (
    street_id text NOT NULL REFERENCES streets,
    commune text NOT NULL REFERENCES communes,
    position point NOT NULL
);
CREATE INDEX crossings_by_street ON crossings (street_id);

-- What the screen must say of an imported city's sources, by language; NULL where the city's own folder says all.
ALTER TABLE city ADD COLUMN attribution jsonb;
