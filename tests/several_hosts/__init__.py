"""One post on several hosts, each a network namespace with a link that can be cut."""
