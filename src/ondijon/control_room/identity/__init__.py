"""Who may do what: sessions that a person ends, and breaking the glass in an emergency."""
