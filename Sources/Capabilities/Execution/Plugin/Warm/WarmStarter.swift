import Posix

/// Does for a ``WarmPool`` what may take long: looks at scripts and starts helpers, on threads of their own.
// `@unchecked`: the pool is touched on the loop only.
final class WarmStarter: @unchecked Sendable {
    /// Where a script was found first, and how it begins.
    struct Finding: Sendable {
        let index: Int
        let head: ScriptHead
    }

    private let loop: EventLoop
    weak var pool: WarmPool?

    init(loop: EventLoop) { self.loop = loop }

    /// Looks for the script of a helper; a folder on a dead network mount holds up nobody but this helper.
    func look(for number: UInt64, in paths: [String]) {
        Thread.start(named: "warm") {
            let finding = Self.find(paths)
            self.loop.post { self.pool?.found(number, finding) }
        }
    }

    /// A thread that starts helpers; they die with it.
    func makeSpawner(confined isConfined: Bool) -> Spawner {
        Spawner(threads: 1, confined: isConfined) { outcome in
            self.loop.post {
                if let pool = self.pool {
                    pool.take(outcome)
                } else if case .success(let process) = outcome.result {
                    PluginOutcomes.discard(process)
                }
            }
        }
    }

    private static func find(_ paths: [String]) -> Finding? {
        for (index, path) in paths.enumerated() {
            let head = ScriptHead(of: path)
            if head != .missing { return Finding(index: index, head: head) }
        }
        return nil
    }
}
