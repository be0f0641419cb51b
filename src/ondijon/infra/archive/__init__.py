"""Years of readings in plain Parquet files beside PostgreSQL, and one way to read both, through DuckDB."""
