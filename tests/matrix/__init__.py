"""Who may do what: every route, act and export, by every role, on own and on other ground."""
