-- Step 1.

-- Configured objects. Numbers are never given twice (AUTOINCREMENT), so that history cannot pass to another.
CREATE TABLE suites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL
) STRICT;

CREATE TABLE subnets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    network TEXT NOT NULL,
    suite_id INTEGER REFERENCES suites ON DELETE SET NULL,
    auto_discovery INTEGER NOT NULL,
    interval INTEGER NOT NULL,
    discovered_maintenance INTEGER NOT NULL
) STRICT;
CREATE INDEX subnets_by_suite ON subnets (suite_id);

CREATE TABLE hosts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL UNIQUE,
    login TEXT NOT NULL,
    port INTEGER NOT NULL,
    maintenance INTEGER NOT NULL,
    history INTEGER NOT NULL,
    subnet_id INTEGER REFERENCES subnets ON DELETE SET NULL
) STRICT;
CREATE INDEX hosts_by_subnet ON hosts (subnet_id);

CREATE TABLE plugins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    runner TEXT NOT NULL,
    script TEXT NOT NULL,
    arguments TEXT NOT NULL,
    interval INTEGER NOT NULL,
    timeout INTEGER NOT NULL,
    description TEXT NOT NULL,
    allow_silent INTEGER NOT NULL,
    allow_background INTEGER NOT NULL
) STRICT;

-- Labels and variables of hosts, and who is in which suite.
CREATE TABLE host_labels (
    host_id INTEGER NOT NULL REFERENCES hosts ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (host_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_labels_by_value ON host_labels (name, value);

CREATE TABLE host_variables (
    host_id INTEGER NOT NULL REFERENCES hosts ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (host_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_suites (
    host_id INTEGER NOT NULL REFERENCES hosts ON DELETE CASCADE,
    suite_id INTEGER NOT NULL REFERENCES suites ON DELETE CASCADE,
    PRIMARY KEY (host_id, suite_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_suites_by_suite ON host_suites (suite_id);

CREATE TABLE plugin_suites (
    plugin_id INTEGER NOT NULL REFERENCES plugins ON DELETE CASCADE,
    suite_id INTEGER NOT NULL REFERENCES suites ON DELETE CASCADE,
    PRIMARY KEY (plugin_id, suite_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    host_id INTEGER NOT NULL REFERENCES hosts ON DELETE CASCADE,
    plugin_id INTEGER NOT NULL REFERENCES plugins ON DELETE CASCADE,
    state INTEGER NOT NULL DEFAULT 4,
    state_since INTEGER,
    due INTEGER,
    started INTEGER,
    ended INTEGER,
    cause TEXT,
    exit_code INTEGER,
    output TEXT NOT NULL DEFAULT '',
    long_output TEXT NOT NULL DEFAULT '',
    performance_data TEXT NOT NULL DEFAULT '',
    stderr TEXT NOT NULL DEFAULT '',
    truncated INTEGER NOT NULL DEFAULT 0,
    sanitised INTEGER NOT NULL DEFAULT 0,
    dropped_bytes INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    -- Problems first: critical, unknown, warning, pending, ok.
    severity INTEGER NOT NULL AS (
        CASE state WHEN 2 THEN 0 WHEN 3 THEN 1 WHEN 1 THEN 2 WHEN 4 THEN 3 ELSE 4 END) VIRTUAL,
    UNIQUE (host_id, plugin_id)
) STRICT;
CREATE INDEX checks_by_plugin ON checks (plugin_id);
CREATE INDEX checks_by_severity ON checks (severity, state_since DESC, host_id, plugin_id);

-- Every result once. Rows of hosts and plugins that were deleted are hidden at once and go when pruned.
CREATE TABLE history (
    due INTEGER NOT NULL,
    host_id INTEGER NOT NULL,
    plugin_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    cause TEXT NOT NULL,
    exit_code INTEGER,
    output TEXT NOT NULL,
    long_output TEXT NOT NULL,
    performance_data TEXT NOT NULL,
    stderr TEXT NOT NULL,
    truncated INTEGER NOT NULL,
    sanitised INTEGER NOT NULL,
    dropped_bytes INTEGER NOT NULL,
    worker TEXT NOT NULL,
    PRIMARY KEY (due, host_id, plugin_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_by_host ON history (host_id, due, plugin_id);
-- Problems are few: their index is small, and finding them needs no walk through all that went well.
CREATE INDEX history_of_problems ON history (due, host_id, plugin_id) WHERE state <> 0;

-- Deleted hosts whose history is still to be pruned.
CREATE TABLE departed_hosts (host_id INTEGER PRIMARY KEY) STRICT;

-- The last report of every worker.
CREATE TABLE workers (
    name TEXT NOT NULL PRIMARY KEY,
    sent_at INTEGER NOT NULL,
    version TEXT NOT NULL,
    address TEXT NOT NULL,
    heartbeat INTEGER NOT NULL,
    worker_count INTEGER NOT NULL,
    worker_alive INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    input_queue_size INTEGER NOT NULL,
    throughput REAL NOT NULL,
    latency_ms REAL NOT NULL,
    execution_ms REAL NOT NULL,
    ram_used INTEGER NOT NULL,
    cpu REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Sweeps of subnets, and what became of each address that answered: added, known or refused.
CREATE TABLE discoveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subnet_id INTEGER NOT NULL REFERENCES subnets ON DELETE CASCADE,
    state TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    scanned INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    failure TEXT
) STRICT;
CREATE INDEX discoveries_by_subnet ON discoveries (subnet_id, started);

CREATE TABLE discovery_responders (
    discovery_id INTEGER NOT NULL REFERENCES discoveries ON DELETE CASCADE,
    address TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The new host's name, or why there is none.
    detail TEXT NOT NULL,
    PRIMARY KEY (discovery_id, address)
) STRICT, WITHOUT ROWID;

-- Step 2.

-- Whether the interpreter of a plugin is kept loaded between runs.
ALTER TABLE plugins ADD COLUMN warm INTEGER NOT NULL DEFAULT 0;

-- Step 3.

-- The number of a check now says where in its interval it runs (milliseconds << 20, then one by one), so that
-- results that come together lie together.
CREATE TABLE places (old INTEGER PRIMARY KEY, new INTEGER NOT NULL) STRICT;
INSERT INTO places
    SELECT id, (phase << 20) + row_number() OVER (PARTITION BY phase ORDER BY id) FROM (
        SELECT checks.id AS id, coalesce(max(checks.due, 0) / 1000 % (plugins.interval * 1000), 0) AS phase
        FROM checks JOIN plugins ON plugins.id = checks.plugin_id);
UPDATE checks SET id = -id;
UPDATE checks SET id = (SELECT new FROM places WHERE old = -checks.id);
DROP TABLE places;

-- What was an index of history: filled by the many, sorted, and not row by row. All rows of history up to the
-- mark are in it; those after the mark are few enough to be read one by one. A row of it whose result was
-- pruned goes a little later.
CREATE TABLE host_history (
    host_id INTEGER NOT NULL,
    due INTEGER NOT NULL,
    plugin_id INTEGER NOT NULL,
    PRIMARY KEY (host_id, due, plugin_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE history_mark (due INTEGER NOT NULL) STRICT;
INSERT INTO history_mark
    SELECT coalesce(max(due), 0) FROM history WHERE due <= strftime('%s', 'now') * 1000000;
INSERT INTO host_history
    SELECT host_id, due, plugin_id FROM history INDEXED BY history_by_host
    WHERE due <= (SELECT due FROM history_mark) ORDER BY host_id, due, plugin_id;
DROP INDEX history_by_host;

-- Step 4.

-- Checks whose last run failed by the engine's own trouble, which says nothing of the target: its row in checks
-- stays. A row holds as long as checks.due is what it was then.
CREATE TABLE troubles (
    check_id INTEGER PRIMARY KEY REFERENCES checks ON DELETE CASCADE ON UPDATE CASCADE,
    after INTEGER,
    due INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- One row: the clock when old history was last deleted. A clock far beyond it was set, and is not believed at once.
CREATE TABLE retention (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    round INTEGER NOT NULL
) STRICT;

-- Step 5.

-- The site whose workers check a host: its own, else that of its subnet, else the main one.
ALTER TABLE hosts ADD COLUMN zone TEXT NOT NULL DEFAULT '';
ALTER TABLE subnets ADD COLUMN zone TEXT NOT NULL DEFAULT '';

-- Step 6.

-- What all nodes know and no worker does, by name: the key of tickets.
CREATE TABLE secrets (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- Zones whose workers all run a plugin, with a space between (empty: the zone of the host), and how many of them
-- must agree that something is wrong.
ALTER TABLE plugins ADD COLUMN zones TEXT NOT NULL DEFAULT '';
ALTER TABLE plugins ADD COLUMN quorum INTEGER NOT NULL DEFAULT 1;

-- Results of zones that wait for those of the others, at most until they close.
CREATE TABLE votes (
    host_id INTEGER NOT NULL REFERENCES hosts ON DELETE CASCADE,
    plugin_id INTEGER NOT NULL REFERENCES plugins ON DELETE CASCADE,
    due INTEGER NOT NULL,
    zone TEXT NOT NULL,
    closes INTEGER NOT NULL,
    state INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    cause TEXT NOT NULL,
    exit_code INTEGER,
    output TEXT NOT NULL,
    long_output TEXT NOT NULL,
    performance_data TEXT NOT NULL,
    stderr TEXT NOT NULL,
    truncated INTEGER NOT NULL,
    sanitised INTEGER NOT NULL,
    dropped_bytes INTEGER NOT NULL,
    worker TEXT NOT NULL,
    history INTEGER NOT NULL,
    PRIMARY KEY (host_id, plugin_id, due, zone)
) STRICT, WITHOUT ROWID;
CREATE INDEX votes_by_close ON votes (closes);
CREATE INDEX votes_by_plugin ON votes (plugin_id);

-- Why a run says nothing of the target: internal, or observer_isolated.
ALTER TABLE troubles ADD COLUMN cause TEXT NOT NULL DEFAULT 'internal';
-- working, isolated (it reaches none of its reference targets) or stopped.
ALTER TABLE workers ADD COLUMN condition TEXT NOT NULL DEFAULT 'working';
