"""The kernel is the pure vocabulary every other folder speaks."""
