extension Settings {
    /// Every key: the configuration file, the environment and the help of `ppalette` are read by this list alone.
    static let all: [Setting] = [
        .text("state_dir", \.stateDirectory, isPath: true, "database, archives, spool, admin.token"),
        .text("listen", \.listen, "address and port of the API, as 127.0.0.1:8420 or [::1]:8420"),
        .choices("roles", \.roles, "what this process does: scheduler, worker, recorder, api"),
        .text("database", \.database, "sqlite: <state_dir>/ppalette.db; or postgresql://user@host:port/name"),
        .text(
            "database_password_file", \.databasePasswordFile, isPath: true,
            "file with the password for PostgreSQL, for the engine's user only"),
        .secret("database_password", \.databasePassword, "password for PostgreSQL, where there is no file"),
        .text(
            "queue", \.queue,
            "local: in memory, all roles in one process; or amqp://user@host:port/vhost (amqps:// with TLS)"),
        .text(
            "queue_password_file", \.queuePasswordFile, isPath: true,
            "file with the password for RabbitMQ, for the engine's user only"),
        .secret("queue_password", \.queuePassword, "password for RabbitMQ, where there is no file"),
        .text(
            "queue_ca_file", \.queueAuthorities, isPath: true,
            "certificates that RabbitMQ's is checked by, with amqps://"),
        .texts(
            "plugin_paths", \.pluginPaths, arePaths: true, "folders of local plugins; a later folder wins"),
        .map("user_macros", \.userMacros, "values of $USER1$ and so on, as USER1: text"),
        .text(
            "initial_objects", \.initialObjects, isPath: true,
            "objects to load when the database is new; empty: none"),
        .text(
            "worker.name", \.worker.name, "name in the API and of its archive; empty: the name of the machine"
        ),
        .number("worker.concurrency", \.worker.concurrency, 1...16_384, "checks", "plugins running at once"),
        .choice(
            "worker.isolation", \.worker.isolation,
            "keeps plugins from other processes, and (full) from the files in state_dir"),
        .texts(
            "worker.shared_files", \.worker.sharedFiles, arePaths: true,
            "files and folders in state_dir that plugins may use all the same"),
        .texts(
            "worker.zones", \.worker.zones, arePaths: false,
            "zones whose hosts are checked here; main is that of hosts without one"),
        .texts(
            "worker.reference_targets", \.worker.referenceTargets, arePaths: false,
            "addresses of which one at least always answers a ping; while none does, alarms are not told"),
        .number(
            "worker.heartbeat", \.worker.heartbeat, 1...3600, "seconds", "between two reports of a worker"),
        .number(
            "statistics.interval", \.statisticsInterval, 10...3600, "seconds", "step of the global archive"),
        .number(
            "history.retention_days", \.historyRetentionDays, 1...36_500, "days",
            "history older than this goes"),
        .number(
            "recorder.spool_megabytes", \.spoolMegabytes, 1...1_048_576, "MiB",
            "results kept on disk while the database is down"),
        .number(
            "scheduler.queue_size", \.jobQueueSize, 1...10_000_000, "jobs",
            "waiting for a worker, for each runner; more are skipped and counted"),
        .number(
            "discovery.rate", \.discoveryRate, 1...1_000_000, "echoes/s",
            "of a sweep, so that it disturbs nobody"),
        .texts(
            "ssh.identity_files", \.ssh.identityFiles, arePaths: true,
            "private keys, tried in order after the agent's"),
        .text("ssh.known_hosts", \.ssh.knownHosts, isPath: true, "host keys that are trusted"),
        .choice("ssh.unknown_hosts", \.ssh.unknownHosts, "hosts not in known_hosts"),
        .text("ssh.remote_plugin_path", \.ssh.remotePluginPath, "folder of the plugins on the host"),
        .number(
            "ssh.connect_timeout", \.ssh.connectTimeout, 1...300, "seconds",
            "to a connection with checked host key"),
        .number("ssh.auth_timeout", \.ssh.authTimeout, 1...300, "seconds", "to a login"),
        .choice("log.level", \.logLevel, "events below this are not written"),
        .choice("log.format", \.logFormat, "of a line on standard error"),
    ]
}
