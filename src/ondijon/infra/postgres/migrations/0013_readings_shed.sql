-- How many readings were left out of history while the post was behind: in the transaction of those that were kept.

CREATE TABLE readings_shed (
    hour timestamptz NOT NULL,
    twin_type text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (hour, twin_type)
);
