"""Programmes at the desk: acts of people, the file of the city, and what gateways are given."""
