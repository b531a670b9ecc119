import CLinux
import Glibc

/// Renews the rules of a ``ProcessIsolation`` when something comes or goes beside the protected folder, or is mounted.
///
/// Without it a file system that is mounted, or a folder that a package brings, would stay closed to programs until the
/// next start. Confined to the loop of its reactor.
package final class IsolationWatch {
    /// Renewals take about 0.2 ms; a folder that is busy must not make them all that the loop does.
    private static let pause: Int64 = 100_000_000

    private let isolation: ProcessIsolation
    // Its handlers hold this object, and so it is there whenever one of them runs.
    private unowned let reactor: Reactor
    private let onFailure: (PosixError) -> Void
    private let changes: FileDescriptor
    private let mounts: FileDescriptor
    private var watched: Set<String> = []
    private var lastRenewal: Int64 = 0
    private var isPending = false

    /// Watches for as long as the reactor lives; `onFailure` is told when rules could not be renewed.
    package static func start(
        of isolation: ProcessIsolation, on reactor: Reactor, onFailure: @escaping (PosixError) -> Void
    ) throws(PosixError) {
        let watch = try IsolationWatch(of: isolation, on: reactor, onFailure: onFailure)
        try watch.watchFolders()
        try reactor.watch(watch.changes.raw, for: .read) { _ in watch.changed() }
        // Told as an error condition, once for each change.
        try reactor.watch(watch.mounts.raw, for: []) { _ in watch.renewSoon() }
    }

    private init(
        of isolation: ProcessIsolation, on reactor: Reactor, onFailure: @escaping (PosixError) -> Void
    ) throws(PosixError) {
        self.isolation = isolation
        self.reactor = reactor
        self.onFailure = onFailure
        changes = FileDescriptor(
            owning: try system("watch folders") { inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)) })
        mounts = FileDescriptor(
            owning: try system("open /proc/self/mountinfo") {
                open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
            })
    }

    private func watchFolders() throws(PosixError) {
        let kinds = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR
        for folder in isolation.watchedFolders where !watched.contains(folder) {
            _ = try system("watch \(folder)") { inotify_add_watch(changes.raw, folder, UInt32(kinds)) }
            watched.insert(folder)
        }
    }

    private func changed() {
        // What changed does not matter; too many changes for the kernel's queue are told as one more.
        var bytes = [UInt8](repeating: 0, count: 4096)
        while read(changes.raw, &bytes, bytes.count) > 0 {}
        renewSoon()
    }

    private func renewSoon() {
        guard !isPending else { return }
        isPending = true
        reactor.schedule(at: lastRenewal + Self.pause) { [self] in renew() }
    }

    private func renew() {
        isPending = false
        lastRenewal = Clock.monotonicNanoseconds()
        do throws(PosixError) {
            try isolation.renew()
            try watchFolders()
        } catch {
            onFailure(error)
        }
    }
}
