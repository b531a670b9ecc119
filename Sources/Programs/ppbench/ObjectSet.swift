import Model
import Storage

/// Hosts that all have the same plugins: the objects of a measurement, for every engine that is measured.
struct ObjectSet: Sendable {
    /// A built-in ping of one echo, or a local plugin by its file.
    enum Work: Sendable {
        case ping
        case program(String, arguments: String = "", isWarm: Bool = false)
    }

    var hosts: Int
    var pluginsOfEach: Int
    /// Seconds.
    var interval: Int
    var work = Work.ping

    var checks: Int { hosts * pluginsOfEach }

    static let suite = "all"

    func hostName(_ number: Int) -> String { "host-\(number)" }
    func pluginName(_ number: Int) -> String { "plugin-\(number)" }

    /// One of 127/8 for each, so that pings answer.
    func address(_ number: Int) -> String {
        "127.\(1 + number / 62_500).\(number / 250 % 250).\(1 + number % 250)"
    }

    /// Adds them; the suite is filled last, by one edit, which makes all checks in one transaction.
    func fill(_ store: any Store) async throws {
        _ = try await store.add(Suite(name: Self.suite))
        for number in 0..<pluginsOfEach { _ = try await store.add(plugin(number)) }
        for number in 0..<hosts {
            _ = try await store.add(Host(name: hostName(number), address: address(number)))
        }
        var edit = SuiteEdit()
        edit.plugins = (0..<pluginsOfEach).map(pluginName)
        edit.hosts = (0..<hosts).map(hostName)
        _ = try await store.edit(suiteNamed: Self.suite, edit)
    }

    private func plugin(_ number: Int) -> Plugin {
        switch work {
        case .ping:
            Plugin(
                name: pluginName(number), runner: .builtin, script: "icmp", arguments: "-n 1",
                interval: interval, timeout: 5)
        case .program(let file, let arguments, let isWarm):
            Plugin(
                name: pluginName(number), script: file, arguments: arguments, interval: interval,
                timeout: 10, warm: isWarm)
        }
    }
}
