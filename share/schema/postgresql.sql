-- Step 1.

-- Configured objects. Numbers are never given twice, so that history cannot pass to another. Names are compared
-- byte by byte (COLLATE "C"), as in SQLite.
CREATE TABLE suites (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    description text COLLATE "C" NOT NULL
);

CREATE TABLE subnets (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    network text COLLATE "C" NOT NULL,
    suite_id bigint REFERENCES suites ON DELETE SET NULL,
    auto_discovery boolean NOT NULL,
    interval bigint NOT NULL,
    discovered_maintenance boolean NOT NULL,
    -- The site whose workers sweep it and check its hosts; empty: the main one.
    zone text COLLATE "C" NOT NULL
);
CREATE INDEX subnets_by_suite ON subnets (suite_id);

CREATE TABLE hosts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    address text COLLATE "C" NOT NULL UNIQUE,
    login text COLLATE "C" NOT NULL,
    port bigint NOT NULL,
    maintenance boolean NOT NULL,
    history boolean NOT NULL,
    subnet_id bigint REFERENCES subnets ON DELETE SET NULL,
    -- Empty: that of the subnet.
    zone text COLLATE "C" NOT NULL
);
CREATE INDEX hosts_by_subnet ON hosts (subnet_id);

CREATE TABLE plugins (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    runner text COLLATE "C" NOT NULL,
    script text COLLATE "C" NOT NULL,
    arguments text COLLATE "C" NOT NULL,
    interval bigint NOT NULL,
    timeout bigint NOT NULL,
    description text COLLATE "C" NOT NULL,
    allow_silent boolean NOT NULL,
    allow_background boolean NOT NULL,
    warm boolean NOT NULL
);

-- Labels and variables of hosts, and who is in which suite.
CREATE TABLE host_labels (
    host_id bigint NOT NULL REFERENCES hosts ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (host_id, name)
);
CREATE INDEX host_labels_by_value ON host_labels (name, value);

CREATE TABLE host_variables (
    host_id bigint NOT NULL REFERENCES hosts ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (host_id, name)
);

CREATE TABLE host_suites (
    host_id bigint NOT NULL REFERENCES hosts ON DELETE CASCADE,
    suite_id bigint NOT NULL REFERENCES suites ON DELETE CASCADE,
    PRIMARY KEY (host_id, suite_id)
);
CREATE INDEX host_suites_by_suite ON host_suites (suite_id);

CREATE TABLE plugin_suites (
    plugin_id bigint NOT NULL REFERENCES plugins ON DELETE CASCADE,
    suite_id bigint NOT NULL REFERENCES suites ON DELETE CASCADE,
    PRIMARY KEY (plugin_id, suite_id)
);
CREATE INDEX plugin_suites_by_suite ON plugin_suites (suite_id);

-- Which suite reaches which host: its own suites and the suite of its subnet.
CREATE VIEW host_reach (host_id, suite_id) AS
    SELECT host_id, suite_id FROM host_suites
    UNION ALL
    SELECT hosts.id, subnets.suite_id
    FROM hosts JOIN subnets ON subnets.id = hosts.subnet_id
    WHERE subnets.suite_id IS NOT NULL;

-- Which checks there must be; a plugin that reaches a host by two ways counts once.
CREATE VIEW reach (host_id, plugin_id) AS
    SELECT DISTINCT host_reach.host_id, plugin_suites.plugin_id
    FROM host_reach JOIN plugin_suites ON plugin_suites.suite_id = host_reach.suite_id;

-- One row for every row of reach, with the newest result. Times are microseconds since 1970-01-01 UTC.
-- state: 0 ok, 1 warning, 2 critical, 3 unknown, 4 pending (never run; its other columns are empty).
-- Room is left in each page, so that a new result of the same state takes the place of the old one there.
CREATE TABLE checks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host_id bigint NOT NULL REFERENCES hosts ON DELETE CASCADE,
    plugin_id bigint NOT NULL REFERENCES plugins ON DELETE CASCADE,
    due bigint,
    started bigint,
    ended bigint,
    state_since bigint,
    exit_code bigint,
    dropped_bytes bigint NOT NULL DEFAULT 0,
    state smallint NOT NULL DEFAULT 4,
    -- Problems first: critical, unknown, warning, pending, ok.
    severity smallint NOT NULL GENERATED ALWAYS AS (
        CASE state WHEN 2 THEN 0 WHEN 3 THEN 1 WHEN 1 THEN 2 WHEN 4 THEN 3 ELSE 4 END) STORED,
    truncated boolean NOT NULL DEFAULT false,
    sanitised boolean NOT NULL DEFAULT false,
    cause text COLLATE "C",
    output text COLLATE "C" NOT NULL DEFAULT '',
    long_output text COLLATE "C" NOT NULL DEFAULT '',
    performance_data text COLLATE "C" NOT NULL DEFAULT '',
    stderr text COLLATE "C" NOT NULL DEFAULT '',
    worker text COLLATE "C",
    UNIQUE (host_id, plugin_id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX checks_by_plugin ON checks (plugin_id);
CREATE INDEX checks_by_severity ON checks (severity, state_since DESC NULLS LAST, host_id, plugin_id);

-- Checks whose last run failed by the engine's own trouble, which says nothing of the target: its row in checks
-- stays. A row holds as long as checks.due is what it was then.
CREATE TABLE troubles (
    check_id bigint PRIMARY KEY REFERENCES checks ON DELETE CASCADE,
    after bigint,
    due bigint NOT NULL,
    text text COLLATE "C" NOT NULL
);

-- Every result once, a partition for each day. Rows of hosts and plugins that were deleted are hidden at once
-- and go when pruned.
CREATE TABLE history (
    due bigint NOT NULL,
    host_id bigint NOT NULL,
    plugin_id bigint NOT NULL,
    started bigint NOT NULL,
    ended bigint NOT NULL,
    exit_code bigint,
    dropped_bytes bigint NOT NULL,
    state smallint NOT NULL,
    truncated boolean NOT NULL,
    sanitised boolean NOT NULL,
    cause text COLLATE "C" NOT NULL,
    output text COLLATE "C" NOT NULL,
    long_output text COLLATE "C" NOT NULL,
    performance_data text COLLATE "C" NOT NULL,
    stderr text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    PRIMARY KEY (due, host_id, plugin_id)
) PARTITION BY RANGE (due);
CREATE INDEX history_by_host ON history (host_id, due, plugin_id);
-- Problems are few: their index is small, and finding them needs no walk through all that went well.
CREATE INDEX history_of_problems ON history (due, host_id, plugin_id) WHERE state <> 0;
-- What is due at no believable time.
CREATE TABLE history_other PARTITION OF history DEFAULT;

-- Deleted hosts whose history is still to be pruned.
CREATE TABLE departed_hosts (host_id bigint PRIMARY KEY);

-- The last report of every worker.
CREATE TABLE workers (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    sent_at bigint NOT NULL,
    version text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    heartbeat bigint NOT NULL,
    worker_count bigint NOT NULL,
    worker_alive bigint NOT NULL,
    in_flight bigint NOT NULL,
    input_queue_size bigint NOT NULL,
    throughput double precision NOT NULL,
    latency_ms double precision NOT NULL,
    execution_ms double precision NOT NULL,
    ram_used bigint NOT NULL,
    cpu double precision NOT NULL
);

-- Sweeps of subnets, and what became of each address that answered: added, known or refused.
CREATE TABLE discoveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subnet_id bigint NOT NULL REFERENCES subnets ON DELETE CASCADE,
    state text COLLATE "C" NOT NULL,
    started bigint NOT NULL,
    ended bigint,
    scanned bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    failure text COLLATE "C"
);
CREATE INDEX discoveries_by_subnet ON discoveries (subnet_id, started);

CREATE TABLE discovery_responders (
    discovery_id bigint NOT NULL REFERENCES discoveries ON DELETE CASCADE,
    address text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    -- The new host's name, or why there is none.
    detail text COLLATE "C" NOT NULL,
    PRIMARY KEY (discovery_id, address)
);

-- What edits changed in the schedule, for the other nodes; kept for a month. kind: 1 host, 2 plugin, 3 subnet (new
-- or edited), 4 check added, 5 check removed, 6 host, 7 plugin, 8 subnet deleted.
CREATE TABLE schedule_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    kind smallint NOT NULL,
    subject bigint NOT NULL,
    plugin bigint
);
CREATE INDEX schedule_changes_by_time ON schedule_changes (at);

-- One row: which node drives the schedule, and how often that changed.
CREATE TABLE leadership (
    id bigint PRIMARY KEY CHECK (id = 1),
    node text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL
);

-- One row: the clock when old history was last deleted. A clock far beyond it was set, and is not believed at once.
CREATE TABLE retention (
    id bigint PRIMARY KEY CHECK (id = 1),
    round bigint NOT NULL
);

-- Step 2.

-- What all nodes know and no worker does, by name: the key of tickets.
CREATE TABLE secrets (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);
-- Zones whose workers all run a plugin, with a space between (empty: the zone of the host), and how many of them
-- must agree that something is wrong.
ALTER TABLE plugins ADD COLUMN zones text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE plugins ADD COLUMN quorum bigint NOT NULL DEFAULT 1;

-- Results of zones that wait for those of the others, at most until they close.
CREATE TABLE votes (
    host_id bigint NOT NULL REFERENCES hosts ON DELETE CASCADE,
    plugin_id bigint NOT NULL REFERENCES plugins ON DELETE CASCADE,
    due bigint NOT NULL,
    zone text COLLATE "C" NOT NULL,
    closes bigint NOT NULL,
    state bigint NOT NULL,
    started bigint NOT NULL,
    ended bigint NOT NULL,
    cause text COLLATE "C" NOT NULL,
    exit_code bigint,
    output text COLLATE "C" NOT NULL,
    long_output text COLLATE "C" NOT NULL,
    performance_data text COLLATE "C" NOT NULL,
    stderr text COLLATE "C" NOT NULL,
    truncated boolean NOT NULL,
    sanitised boolean NOT NULL,
    dropped_bytes bigint NOT NULL,
    worker text COLLATE "C" NOT NULL,
    history boolean NOT NULL,
    PRIMARY KEY (host_id, plugin_id, due, zone)
);
CREATE INDEX votes_by_close ON votes (closes);
CREATE INDEX votes_by_plugin ON votes (plugin_id);

-- Why a run says nothing of the target: internal, or observer_isolated.
ALTER TABLE troubles ADD COLUMN cause text COLLATE "C" NOT NULL DEFAULT 'internal';
-- working, isolated (it reaches none of its reference targets) or stopped.
ALTER TABLE workers ADD COLUMN condition text COLLATE "C" NOT NULL DEFAULT 'working';
