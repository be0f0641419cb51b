"""The SQL behind the console, one query a function, rights applied in the query."""
