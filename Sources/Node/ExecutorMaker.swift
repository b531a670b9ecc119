import CommandLine
import Execution
import ICMP
import Log
import Model
import Posix

/// Makes the executors of a worker on its loop.
struct ExecutorMaker: Sendable {
    let settings: Settings
    let worker: String
    let pings: PingLoop
    let ssh: EventLoop
    let log: Log

    /// ICMP and SSH checks running at once: each is a row in a table, not a process.
    private static let rowLimit = 60_000

    /// Call on `loop`; throws a sentence when the system refuses what an executor needs.
    func make(on loop: EventLoop, _ sinks: ExecutorSinks) throws(StartFailure) -> Executors {
        do {
            let icmp = PingFront(pings, core: loop, results: sinks.check)
            var plugins = pluginSettings
            plugins.isolation = try PluginIsolation(settings: settings, log: log.part("plugins")).start(
                on: loop)
            let local = try PluginExecutor(
                on: loop, settings: plugins, log: log.part("plugins"), onResult: sinks.check)
            let remote = SSHExecutor(
                options: sshOptions, core: loop, sshLoop: ssh, worker: worker,
                userMacros: settings.userMacros,
                log: log.part("ssh"), results: sinks.check)
            return Executors(
                byRunner: [
                    .builtin: (icmp, Self.rowLimit),
                    .local: (local, pluginSettings.concurrency + pluginSettings.lasting),
                    .ssh: (remote, Self.rowLimit),
                ], discovery: SweepFront(pings, results: sinks.discovery),
                counts: { [pings] in
                    let icmp = pings.counters
                    return ExecutorCounts(
                        plugins: local.counters, echoes: icmp.echoes, echoesDropped: icmp.dropped,
                        ssh: remote.counters)
                })
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private var pluginSettings: PluginExecutor.Settings {
        var plugins = PluginExecutor.Settings(
            folders: PluginFolders(paths: settings.pluginPaths), worker: worker)
        plugins.userMacros = settings.userMacros
        plugins.concurrency = settings.worker.concurrency
        plugins.warmFolder = WarmPrograms.folder()
        // Each takes four descriptors at most, and others need some too.
        let files = Int(clamping: OpenFiles.raise()) / 4 - settings.worker.concurrency - 64
        plugins.lasting = max(0, min(3 * settings.worker.concurrency, files))
        return plugins
    }

    private var sshOptions: SSHOptions {
        SSHOptions(
            identityFiles: settings.ssh.identityFiles,
            agentSocket: Surroundings.environment()["SSH_AUTH_SOCK"],
            knownHosts: settings.ssh.knownHosts,
            unknownHosts: settings.ssh.unknownHosts == .acceptNew ? .acceptNew : .refuse,
            remotePluginPath: settings.ssh.remotePluginPath,
            connectTimeout: .seconds(settings.ssh.connectTimeout),
            authTimeout: .seconds(settings.ssh.authTimeout))
    }
}
