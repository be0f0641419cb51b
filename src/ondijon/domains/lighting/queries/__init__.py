"""The lighting trade's own SQL."""
