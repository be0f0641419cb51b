"""PostgreSQL is the truth: a server of our own or one by URL, its migrations, its pool and its telemetry."""
