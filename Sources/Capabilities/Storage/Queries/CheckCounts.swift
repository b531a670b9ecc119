import Model
import SQL

// Every minute all checks are counted: from the index by severity, which holds all that is needed, and never from the
// table, which is ten times as long.
extension Database {
    func counts() throws(StoreError) -> GlobalCounts {
        var counts = GlobalCounts()
        let resting = Set(try rows("SELECT id FROM hosts WHERE maintenance") { $0.int64(0) })
        counts.hostsAll = Int(try number("SELECT COUNT(*) FROM hosts"))
        counts.hostsActive = counts.hostsAll - resting.count
        counts.hostsActiveUp = try checkedHosts() - troubledHosts(except: resting)
        for (severity, count) in try rows(countAll, [], { ($0.int(0), $0.int(1)) }) {
            counts.checksAll += count
            counts.add(count, severity: severity)
        }
        for (severity, count) in try rows(Self.countResting, [], { ($0.int(0), $0.int(1)) }) {
            counts.add(-count, severity: severity)
        }
        return counts
    }

    /// Active hosts that have any check.
    private func checkedHosts() throws(StoreError) -> Int {
        Int(
            try number(
                """
                SELECT COUNT(*) FROM hosts
                WHERE NOT maintenance AND EXISTS (SELECT 1 FROM checks WHERE host_id = hosts.id)
                """))
    }

    /// Active hosts with a built-in ICMP check that is not OK; those without one count with any check that is not OK.
    private func troubledHosts(except resting: Set<Int64>) throws(StoreError) -> Int {
        let echoes = Set(try rows(Self.selectEchoes) { $0.int64(0) })
        var silent: Set<Int64> = []
        var others: Set<Int64> = []
        // Rows of one host mostly follow each other: checks that never ran are sorted by it.
        var last = (host: Int64(0), isEcho: false)
        _ = try rows(selectTroubles) { row in
            let host = row.int64(0)
            let isEcho = echoes.contains(row.int64(1))
            guard host != last.host || isEcho != last.isEcho else { return }
            last = (host, isEcho)
            guard !resting.contains(host) else { return }
            if isEcho { silent.insert(host) } else { others.insert(host) }
        }
        for host in others.subtracting(silent) where try number(Self.hasEcho, [.integer(host)]) == 0 {
            silent.insert(host)
        }
        return silent.count
    }

    private var countAll: String {
        "SELECT severity, COUNT(*) FROM checks \(dialect.bySeverity) GROUP BY severity"
    }

    private static let countResting = """
        SELECT severity, COUNT(*) FROM checks WHERE host_id IN (SELECT id FROM hosts WHERE maintenance)
        GROUP BY severity
        """

    private static let selectEchoes = "SELECT id FROM plugins WHERE runner = 'builtin' AND script = 'icmp'"

    private var selectTroubles: String {
        "SELECT host_id, plugin_id FROM checks \(dialect.bySeverity) WHERE severity < 4"
    }

    private static let hasEcho = """
        SELECT EXISTS (SELECT 1 FROM checks WHERE host_id = ? AND plugin_id IN (\(selectEchoes)))
        """
}

extension GlobalCounts {
    /// Counts active checks by the column `severity` of the schema.
    fileprivate mutating func add(_ count: Int, severity: Int) {
        checksActive += count
        switch severity {
        case 0: checksError += count
        case 1: checksIncorrect += count
        case 2: checksWarn += count
        case 4: checksOK += count
        default: break
        }
    }
}
