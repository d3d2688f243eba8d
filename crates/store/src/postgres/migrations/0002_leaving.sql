-- When something of a person is to leave stands apart from when they are due for anything else: many messages that
-- wait hide nobody. Until a row is written again both moments are the one there was; whoever reads passes over what
-- is not true of either.
ALTER TABLE person ADD COLUMN next_leave bigint;
UPDATE person SET next_leave = next_due WHERE next_due IS NOT NULL;
CREATE INDEX person_leaving ON person (next_leave, person) WHERE next_leave IS NOT NULL;
