extension Schema {
    /// Puts rows that are written together next to each other, which spares nine pages of ten.
    static let places = """
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

        """
}
