-- A house number whose street has no arc of its own carries that street's name.

ALTER TABLE addresses ADD COLUMN street text;
