import Posix

/// Finds and ends what plugins leave behind, and reaps it.
///
/// A process whose parent dies becomes a child of the engine and still carries the ``ProcessTag`` of its run, whatever
/// session it has opened. So after a run one read of the (usually empty) list of orphans says whether anything is left.
/// Killing an orphan makes its own children orphans, which the next sweep finds.
struct PluginLeftovers: ~Copyable {
    /// What a sweep found.
    struct Finding {
        /// Processes of ended runs seen for the first time; all are killed.
        var ended = 0
        /// Whether killed ones have not gone yet, so that another sweep is due soon.
        var isPending = false
        /// Whether one of the new ones is of a run that was trusted to leave nothing.
        var isBreachOfTrust = false
        /// Orphans that live on, rightly or not.
        var orphans = 0
    }

    private var orphans: ProcessOrphans
    private let owner: UInt16
    private let reapsStrangers: Bool
    private var readsEveryThread: Bool
    /// The direct children of runs that are not over; 0 for one that has not started.
    private var directChildren: [UInt32: Int32] = [:]
    /// Runs that may leave processes behind and did.
    private var allowed: Set<UInt32> = []
    private var killed: Set<Int32> = []
    /// Sweeps that still look at the children of every thread.
    private var wideSweeps = 0

    /// `reapsStrangers` tells that no other part of the program waits for processes, so that orphans that have nothing
    /// to do with plugins (the program may be process 1 of a container) are reaped too. They are never killed.
    init(owner: UInt16, reapsStrangers: Bool) throws(PosixError) {
        orphans = try ProcessOrphans()
        self.owner = owner
        self.reapsStrangers = reapsStrangers
        readsEveryThread = !orphans.isMainThreadAlive
    }

    /// The mark for a new run.
    mutating func begin(_ run: UInt32) -> ProcessTag {
        directChildren[run] = 0
        return ProcessTag(owner: owner, run: run)
    }

    mutating func started(_ run: UInt32, pid: Int32) { directChildren[run] = pid }

    /// What a run leaves behind may live on.
    mutating func keep(_ run: UInt32) { allowed.insert(run) }

    /// The direct child of a run is reaped; from now on what carries its mark is left over.
    mutating func end(_ run: UInt32) { directChildren[run] = nil }

    /// A helper was lost: children that it made for us may be there of which nobody knows.
    mutating func lookEverywhere() { wideSweeps = 3 }

    /// Looks at every orphan: reaps the ended ones, kills those of runs that are over. `helpers` are nobody's.
    mutating func sweep(sparing helpers: Set<Int32> = []) -> Finding {
        if !readsEveryThread, !killed.isEmpty { readsEveryThread = !orphans.isMainThreadAlive }
        let isWide = wideSweeps > 0 && !readsEveryThread
        if isWide { wideSweeps -= 1 }
        let children = orphans.children(ofEveryThread: readsEveryThread || isWide)
        var finding = Finding()
        var found: Set<UInt32> = []
        for pid in children where !helpers.contains(pid) {
            switch ProcessMark(of: pid) {
            case .marked(let tag) where tag.owner == owner:
                look(at: pid, run: tag.run, &finding)
                found.insert(tag.run)
            case .broken where isWide:
                // It may be a run of ours that goes on.
                continue
            case .broken:
                end(pid, ofFreeRun: true, &finding)
            case .marked, .none:
                if reapsStrangers, !readsEveryThread, !isWide { _ = ProcessControl.reap(pid) }
            }
        }
        if !allowed.isEmpty { allowed.formIntersection(found) }
        if !killed.isEmpty { killed.formIntersection(children) }
        return finding
    }

    private mutating func look(at pid: Int32, run: UInt32, _ finding: inout Finding) {
        if let child = directChildren[run] {
            guard child != pid, child != 0 else { return }
            if !ProcessControl.reap(pid) { finding.orphans += 1 }
        } else if allowed.contains(run) {
            if !ProcessControl.reap(pid) { finding.orphans += 1 }
        } else {
            end(pid, ofFreeRun: RunNumber.isFree(run), &finding)
        }
    }

    /// Kills an orphan with its group, which nobody from elsewhere can be in, and reaps it when it is dead.
    private mutating func end(_ pid: Int32, ofFreeRun isFree: Bool, _ finding: inout Finding) {
        if killed.insert(pid).inserted {
            finding.ended += 1
            if isFree { finding.isBreachOfTrust = true }
        }
        guard !ProcessControl.reap(pid) else {
            killed.remove(pid)
            return
        }
        if let group = ProcessControl.group(of: pid), group != ProcessControl.ownGroup {
            ProcessControl.signal(group: group, .kill)
        }
        ProcessControl.signal(pid: pid, .kill)
        finding.isPending = true
        finding.orphans += 1
    }
}
