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
    private var groups: [Cell] = []
    private var free: [Int] = []
    /// Given back while somebody still lived in them.
    private var occupied: [Int] = []

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
                groups.append(Cell(try ProcessCgroup(path: "\(base.path)/\(groups.count)"), in: base))
                free.append(groups.count - 1)
            } catch {
                return nil
            }
        }
        return free.popLast().map { Lease(index: $0, folder: groups[$0].group.folder) }
    }

    /// Takes a cgroup back, killing who still lives in it when `killing`; true when there was somebody.
    mutating func giveBack(_ lease: Lease, killing: Bool) -> Bool {
        let cell = groups[lease.index]
        guard cell.group.isPopulated else {
            free.append(lease.index)
            return false
        }
        if killing { cell.group.killAll() }
        occupied.append(lease.index)
        return true
    }

    /// Frees the cgroups that have become empty.
    mutating func collect() {
        guard !occupied.isEmpty else { return }
        let populated = occupied.filter { groups[$0].group.isPopulated }
        free += occupied.filter { !populated.contains($0) }
        occupied = populated
    }
}
