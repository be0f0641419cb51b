-- Facts that a rule will decide on once they have stood for a while.

CREATE TABLE automation_waiting (
    automation text NOT NULL,
    subject text NOT NULL,
    due_at timestamptz NOT NULL,
    event jsonb NOT NULL,
    PRIMARY KEY (automation, subject)
);
CREATE INDEX automation_waiting_due ON automation_waiting (automation, due_at);
