-- The year that was played last (bench/adaptive_year.py), by street and class; played: what it assumed.

CREATE TABLE lighting_year_ledger (
    commune text NOT NULL REFERENCES communes,
    street text NOT NULL,
    class text NOT NULL,
    lights integer NOT NULL,
    baseline_kwh double precision NOT NULL,
    led_kwh double precision NOT NULL,
    static_kwh double precision NOT NULL,
    adaptive_kwh double precision NOT NULL,
    static_under_min integer NOT NULL,
    adaptive_under_min integer NOT NULL,
    played jsonb NOT NULL,
    PRIMARY KEY (commune, street, class)
);
