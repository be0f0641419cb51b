"""Rules that cross trades: one file, one rule, one public card; together they are the algorithm register."""
