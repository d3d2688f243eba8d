-- The first layout. The shard leads every primary key, so that on Citus all rows of a person lie on
-- one node (create_distributed_table(..., 'shard')), and on YugabyteDB in one range of tablets.
-- Secondary indexes need not begin with it: they are local to each node.

-- Who may write, and what this store must not forget. `place` is the last one given to a record or a
-- leaf: both are ordered by it. `commits` counts this epoch's transactions, so
-- that the fate of one whose answer was lost can be looked up.
CREATE TABLE lease (
    shard smallint NOT NULL, epoch bigint NOT NULL, owner text, until bigint NOT NULL,
    commits bigint NOT NULL, newest bigint NOT NULL, place bigint NOT NULL,
    PRIMARY KEY (shard)
);
INSERT INTO lease (shard, epoch, owner, until, commits, newest, place) VALUES (0, 0, NULL, 0, 0, 0, 0);
-- `commits` of past epochs.
CREATE TABLE tenure (
    shard smallint NOT NULL, epoch bigint NOT NULL, commits bigint NOT NULL,
    PRIMARY KEY (shard, epoch)
);

-- The keys, apart from all else, vacuumed as soon as a few are deleted.
CREATE TABLE person_key (
    shard smallint NOT NULL, person bytea NOT NULL, wrapped bytea NOT NULL,
    PRIMARY KEY (shard, person)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10, autovacuum_vacuum_cost_delay = 0);

-- Envelopes are replaced in place where there is room for it.
CREATE TABLE person (
    shard smallint NOT NULL, person bytea NOT NULL, version bigint NOT NULL, last_seq bigint NOT NULL,
    next_due bigint, terms bytea NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (shard, person)
) WITH (fillfactor = 70);
CREATE INDEX person_due ON person (next_due, person) WHERE next_due IS NOT NULL;

CREATE TABLE identifier (
    shard smallint NOT NULL, blind bytea NOT NULL, person bytea NOT NULL,
    PRIMARY KEY (shard, blind)
);
-- The way back, in the person's shard, for erasure.
CREATE TABLE identifier_of (
    shard smallint NOT NULL, person bytea NOT NULL, blind bytea NOT NULL,
    PRIMARY KEY (shard, person, blind)
);

CREATE TABLE message (
    shard smallint NOT NULL, message bytea NOT NULL, day bigint NOT NULL,
    PRIMARY KEY (shard, message)
);
CREATE INDEX message_day ON message (day, shard);

CREATE TABLE event (
    shard smallint NOT NULL, person bytea NOT NULL, seq bigint NOT NULL, version bigint NOT NULL,
    day bigint NOT NULL, sealed bytea NOT NULL,
    PRIMARY KEY (shard, person, seq)
);
CREATE INDEX event_day ON event (day, shard);

CREATE TABLE record (
    shard smallint NOT NULL, id bytea NOT NULL, person bytea NOT NULL, place bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (shard, id)
);
CREATE INDEX record_of ON record (shard, person, place);

-- Erasures begun and not finished.
CREATE TABLE erasure (
    shard smallint NOT NULL, person bytea NOT NULL,
    PRIMARY KEY (shard, person)
);

-- The ledger: leaves wait in the shard of what they are about; tiles and checkpoint lie in shard 0.
CREATE TABLE pending_leaf (
    shard smallint NOT NULL, place bigint NOT NULL, id bytea NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (shard, place)
);
CREATE INDEX pending_leaf_place ON pending_leaf (place);
CREATE TABLE leaf_index (
    shard smallint NOT NULL, id bytea NOT NULL, position bigint NOT NULL,
    PRIMARY KEY (shard, id)
);
CREATE TABLE tile (
    shard smallint NOT NULL, path text COLLATE "C" NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (shard, path)
);
CREATE TABLE checkpoint (
    shard smallint NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (shard)
);

CREATE TABLE named_value (
    shard smallint NOT NULL, name text COLLATE "C" NOT NULL, version bigint NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (shard, name)
);
CREATE TABLE artefact (
    shard smallint NOT NULL, digest bytea NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (shard, digest)
);
