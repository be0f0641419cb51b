"""The architecture written down as tests: contracts, budgets, names and catalogues."""
