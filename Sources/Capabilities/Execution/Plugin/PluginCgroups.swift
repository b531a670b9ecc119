import Posix

/// Cgroups to run plugins in, one for each that runs at the same time, kept for the next ones.
///
/// They hold a plugin's every descendant, also one that has got rid of its mark, and kill them at once.
struct PluginCgroups: ~Copyable {
    /// Names a cgroup while a run uses it.
    struct Lease: Sendable {
        fileprivate let index: Int
        let folder: Int32
    }

    private let base: Base
    private let most: Int
    private var groups: [Int: Cell] = [:]
    private var lastIndex = 0
    private var free: [Int] = []
    /// Given back while somebody still lived in them.
    private var occupied: [(index: Int, isKilled: Bool)] = []

    /// Whether some cgroup still waits to become empty.
    var hasOccupied: Bool { !occupied.isEmpty }

    /// The folder of them all, removed after the last of them.
    private final class Base {
        let path: String
        init(path: String) { self.path = path }
        deinit { ProcessCgroups.remove(path) }
    }

    private final class Cell {
        let group: ProcessCgroup
        private let base: Base
        init(_ group: consuming ProcessCgroup, in base: Base) {
            self.group = group
            self.base = base
        }
    }

    /// Makes the folder for them; nil when this process may not make cgroups.
    init?(most: Int) {
        guard let parent = ProcessCgroups.ownFolder() else { return nil }
        do {
            base = Base(path: try ProcessCgroups.makeBase(in: parent, prefix: "ppalette-"))
            self.most = most
        } catch {
            // The usual case without delegation; the marks of the processes do the work then.
            return nil
        }
    }

    /// An empty cgroup; nil when all are in use or no more can be made.
    mutating func take() -> Lease? {
        if free.isEmpty, groups.count < most {
            do {
                groups[lastIndex + 1] = Cell(
                    try ProcessCgroup(path: "\(base.path)/\(lastIndex + 1)"), in: base)
                lastIndex += 1
                free.append(lastIndex)
            } catch {
                return nil
            }
        }
        guard let index = free.popLast(), let cell = groups[index] else { return nil }
        return Lease(index: index, folder: cell.group.folder)
    }

    /// Takes a cgroup back, killing who still lives in it when `killing`; true when there was somebody.
    mutating func giveBack(_ lease: Lease, killing: Bool) -> Bool {
        guard let cell = groups[lease.index] else { return false }
        guard cell.group.isPopulated else {
            free.append(lease.index)
            return false
        }
        if killing { cell.group.killAll() }
        occupied.append((lease.index, killing))
        return true
    }

    /// Frees the cgroups that have become empty; one whose processes were killed is removed.
    ///
    /// Linux 6.18 goes on killing: whatever is cloned into a cgroup after a write to its `cgroup.kill` dies at once.
    mutating func collect() {
        guard !occupied.isEmpty else { return }
        var populated: [(index: Int, isKilled: Bool)] = []
        for entry in occupied {
            if groups[entry.index]?.group.isPopulated == true {
                populated.append(entry)
            } else if entry.isKilled {
                groups[entry.index] = nil
            } else {
                free.append(entry.index)
            }
        }
        occupied = populated
    }
}
