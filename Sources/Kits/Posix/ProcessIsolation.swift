import CLinux
import Glibc
import Synchronization

/// Keeps started programs from harming this process and each other, although all of them have the same user.
///
/// Every program is in a Landlock domain of its own (landlock(7)), its descendants with it: it can look into no process
/// outside, signal none (Linux 6.12 and later), and use no file of the protected folder. It may still look at names and
/// attributes of those files and change their mode, which Landlock does not know. Entering the domain is paid for by
/// each program: about 3 us, and a fifth of a microsecond for each rule.
///
/// Landlock only knows what is allowed: a rule for each file and folder beside the way to the protected folder, made at
/// the start and made anew by ``renew()`` when something has come or gone there.
package final class ProcessIsolation: Sendable {
    /// What is asked for.
    package struct Wish: Sendable {
        /// The folder whose files programs may not use; nil: all files are open to them.
        package var protectedFolder: String?
        /// Files and folders in it that they may use.
        package var sharedFiles: [String] = []
        /// The version of Landlock to make do with, for tests; nil is the kernel's.
        package var version: Int?

        package init(protecting folder: String? = nil, sharing files: [String] = [], version: Int? = nil) {
            protectedFolder = folder
            sharedFiles = files
            self.version = version
        }
    }

    /// What this kernel and this place of the folder allow.
    package struct Extent: Equatable, Sendable {
        /// Whether no program can look into a process outside.
        package var hidesMemory = false
        package var stopsSignals = false
        /// Whether no program can change limits, priority or processors of another; see ``Spawner``.
        package var stopsTuning = false
        package var protectsFiles = false
        /// Why files are not protected although they should be.
        package var obstacle: Obstacle?

        package init() {}
    }

    /// What makes it impossible to tell the protected folder from all else.
    package enum Obstacle: Equatable, Sendable {
        /// Everybody may make files in this folder above it, and programs must be able to use theirs.
        case common(String)
        /// This folder above it cannot be listed, so that what is beside the way is unknown.
        case closed(String)
        /// It is itself to be shared.
        case shared
    }

    /// Goes with each program; its number stays the same for the life of this object.
    let ruleset: Int32
    private let wish: Wish
    private let version: Int32
    private let canConfine: Bool
    private let latest: Mutex<IsolationRules>
    private let renewals = Atomic<Int>(0)
    /// How often the rules were made anew: who was started before has the old ones.
    package var generation: Int { renewals.load(ordering: .relaxed) }

    /// What holds for programs started from now on.
    package var extent: Extent {
        var extent = latest.withLock { $0.extent }
        extent.stopsTuning = canConfine
        return extent
    }
    /// The folders on the way to the protected one: new files and folders in them need a rule.
    package var watchedFolders: [String] { latest.withLock { $0.watchedFolders } }

    /// Makes the rules; nil when the kernel has no Landlock of version 2 (Linux 5.19).
    package init?(_ wish: Wish) throws(PosixError) {
        version = wish.version.map { Int32($0) } ?? pp_landlock_version()
        guard version >= 2 else { return nil }
        self.wish = wish
        canConfine = Self.canConfineThreads()
        let rules = IsolationRules(of: wish, version: version)
        ruleset = try rules.make(version: version)
        latest = Mutex(rules)
    }

    /// Tries it on a thread that ends at once.
    private static func canConfineThreads() -> Bool {
        let latch = Latch<Bool>()
        Thread.start(named: "confined") { latch.open(confineThread()) }
        return latch.wait(atMost: .seconds(10)) ?? false
    }

    /// Takes from the calling thread, and from all that it starts, what harms other processes of its user by other ways.
    static func confineThread() -> Bool { pp_confine_thread() == 0 }

    deinit { close(ruleset) }

    /// Makes the rules anew for programs started from now on; when it throws, the old ones stay.
    package func renew() throws(PosixError) {
        let rules = IsolationRules(of: wish, version: version)
        let made = try rules.make(version: version)
        _ = try system("replace the rules of plugins") { pp_landlock_replace(made, ruleset) }
        latest.withLock { $0 = rules }
        renewals.wrappingAdd(1, ordering: .relaxed)
    }
}

extension Privileges {
    /// Keeps memory and descriptors of this process from others of its user; there is no core dump then.
    package static func hideMemory() throws(PosixError) {
        _ = try system("hide the memory of this process") { pp_hide_memory() }
    }
}
