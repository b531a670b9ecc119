import Execution
import ICMP
import Log
import Model
import Names
import Posix

/// Makes the executors of a worker on its loop.
struct ExecutorMaker: Sendable {
    let settings: Settings
    let sockets: ICMPSockets
    let worker: String
    let ssh: EventLoop
    let log: Log

    /// Echo jobs running at once: each is a slot in a table.
    private static let echoLimit = 60_000

    func make(on loop: EventLoop, _ sinks: ExecutorSinks) throws(StartFailure) -> Executors {
        let icmp = ICMPExecutor(
            reactor: loop.reactor, sockets: sockets, worker: worker, onResult: sinks.check)
        let folders = PluginFolders(paths: settings.pluginPaths)
        let local = PluginExecutor(
            loop: loop, folders: folders, userMacros: settings.userMacros, worker: worker,
            concurrency: settings.worker.concurrency, onResult: sinks.check)
        let remote = SSHExecutor(
            core: loop, ssh: ssh, options: settings.ssh.options, userMacros: settings.userMacros,
            worker: worker,
            onResult: sinks.check)
        return Executors(
            byRunner: [
                .builtin: (icmp, Self.echoLimit), .local: (local, settings.worker.concurrency),
                .ssh: (remote, settings.worker.concurrency),
            ],
            discovery: nil)
    }
}
