"""A fresh clone installs from hash-locked requirements, as root and as an ordinary user."""
