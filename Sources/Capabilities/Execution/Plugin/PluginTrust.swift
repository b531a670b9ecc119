import Model

/// Which plugins need no cgroup of their own any more, as making one's way in and out of it is a tenth of a short run.
///
/// A plugin that has left nothing behind for some runs is trusted; should it leave something nevertheless, its mark
/// betrays it (see ``PluginLeftovers``), and every plugin has to earn its trust anew.
struct PluginTrust {
    /// Runs in a cgroup, one after the other, that have to leave it empty.
    static let runsNeeded = 10

    private var cleanRuns: [PluginID: Int] = [:]

    func isTrusted(_ plugin: PluginID) -> Bool { cleanRuns[plugin, default: 0] >= Self.runsNeeded }

    /// A run in a cgroup is over; `isClean` tells that it ended by itself and left nobody behind.
    mutating func ended(_ plugin: PluginID, isClean: Bool) {
        cleanRuns[plugin] = isClean ? min(Self.runsNeeded, cleanRuns[plugin, default: 0] + 1) : 0
    }

    /// The plugin is another one now.
    mutating func forget(_ plugin: PluginID) { cleanRuns[plugin] = nil }

    /// Somebody who was trusted did not deserve it, and nobody knows who.
    mutating func doubtAll() { cleanRuns = [:] }
}

/// The number of a run, which is in its mark: the highest bit tells that it had no cgroup.
enum RunNumber {
    static let isFree: UInt32 = 0x8000_0000

    /// The number after `last`.
    static func next(after last: UInt32, isFree: Bool) -> UInt32 {
        (last &+ 1) & ~Self.isFree | (isFree ? Self.isFree : 0)
    }

    static func isFree(_ number: UInt32) -> Bool { number & isFree != 0 }
}
