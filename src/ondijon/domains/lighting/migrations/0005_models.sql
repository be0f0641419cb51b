-- The families of luminaires as lighting_models.toml has them; one row.
CREATE TABLE lighting_models (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    content jsonb NOT NULL
);
