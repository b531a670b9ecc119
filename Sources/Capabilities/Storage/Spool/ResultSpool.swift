package import Log
package import Model
import Posix

/// Keeps results on disk while the store cannot take them, and gives them back in order.
///
/// Results lie in numbered files; a file is deleted when all of it was stored. After a crash a file may be given back
/// once more from its start: the store takes each result once. When the disk refuses too, results stay in memory up to
/// a bound. What goes beyond the bounds is dropped, the oldest first, and counted.
package actor ResultSpool {
    /// What to hold at most.
    package struct Limits: Sendable {
        /// On disk.
        package var bytes: Int
        /// After this a new file is begun; dropping and deleting goes by files.
        package var fileBytes: Int
        /// Results in memory when the disk refuses.
        package var memory: Int

        package init(bytes: Int = 256 << 20, fileBytes: Int = 4 << 20, memory: Int = 10_000) {
            self.bytes = bytes
            self.fileBytes = fileBytes
            self.memory = memory
        }
    }

    /// What happened since the start, and what is there.
    package struct Counters: Sendable, Equatable {
        package var spooled = 0
        package var replayed = 0
        /// Beyond the bounds.
        package var dropped = 0
        /// Damaged or cut-off ends of files.
        package var damaged = 0
        package var bytes = 0
        package var inMemory = 0
        /// Files that wait.
        package var files = 0
        /// Due time of the oldest result waiting, as far as it is known.
        package var oldest: Timestamp?
        package var isEmpty: Bool { bytes == 0 && inMemory == 0 }

        package init() {}
    }

    private let executor: ThreadExecutor
    private let limits: Limits
    private let log: Log
    private var folder: SpoolFolder
    private var memory: [CheckResult] = []
    /// What was read and not yet confirmed, in order.
    private var pending: [CheckResult] = []
    private var tally = Counters()
    private let refused: RefusedResults

    // `unsafe`: an unowned reference; the actor owns the executor.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// A spool in `folder`, which is made when missing; what an earlier run left there is given back first.
    package init(folder: String, limits: Limits = Limits(), log: Log) {
        executor = ThreadExecutor(name: "spool")
        self.limits = limits
        self.log = log
        self.folder = SpoolFolder(path: folder, fileBytes: limits.fileBytes)
        refused = RefusedResults(path: folder + "/refused.jsonl", log: log)
    }

    deinit { executor.stop() }

    /// Reads what an earlier run left; returns whether there is anything.
    package func open() -> Bool {
        do throws(PosixError) {
            try folder.open()
        } catch {
            log.error("cannot use the spool; results wait in memory only", ["reason": error.description])
        }
        return !folder.isEmpty
    }

    /// Keeps `results` until they are confirmed; never fails: what does not fit is dropped and counted.
    package func append(_ results: [CheckResult]) {
        tally.spooled += results.count
        let all = memory + results
        do throws(PosixError) {
            try folder.append(all.map(SpoolRecord.encode))
            memory = []
        } catch {
            if memory.isEmpty {
                log.error("cannot spool results; they wait in memory", ["reason": error.description])
            }
            // Newest statuses matter most, as with the files.
            memory = all.suffix(limits.memory)
            tally.dropped += all.count - memory.count
        }
        dropFiles()
    }

    /// The oldest results that wait, at most `count`; the same again until they are confirmed. Empty at the end.
    package func next(atMost count: Int) -> [CheckResult] {
        while pending.isEmpty, let file = folder.oldest {
            // A file that cannot be read now stays for a later try.
            guard let results = read(file) else { return [] }
            pending = results
            if pending.isEmpty { remove(file) }
        }
        if pending.isEmpty, folder.isEmpty {
            pending = memory
            memory = []
        }
        return Array(pending.prefix(count))
    }

    /// The first `count` results that ``next(atMost:)`` gave are stored.
    package func confirm(_ count: Int) {
        guard count > 0 else { return }
        tally.replayed += min(count, pending.count)
        pending.removeFirst(min(count, pending.count))
        if pending.isEmpty, let file = folder.reading { remove(file) }
    }

    /// Keeps results that the store never takes in a file for people.
    package func setAside(_ results: [CheckResult], because reason: String) {
        for result in results { refused.add(result, because: reason) }
    }

    package var counters: Counters {
        var counters = tally
        counters.bytes = folder.bytes
        counters.files = folder.count
        counters.inMemory = memory.count + (folder.reading == nil ? pending.count : 0)
        counters.oldest = (pending.first ?? memory.first)?.due
        return counters
    }

    /// The results in a file; nil when the system does not let us read it now.
    private func read(_ file: Int) -> [CheckResult]? {
        do throws(PosixError) {
            let (results, isWhole) = try folder.read(file)
            if !isWhole {
                tally.damaged += 1
                log.warning("the end of a spool file is damaged", ["file": folder.path(of: file)])
            }
            return results
        } catch {
            log.error("cannot read a spool file now; it stays", ["reason": error.description])
            return nil
        }
    }

    private func remove(_ file: Int) {
        do throws(PosixError) {
            try folder.remove(file)
        } catch {
            log.error("cannot delete a spool file", ["reason": error.description])
        }
    }

    /// Drops the oldest files beyond the bound.
    private func dropFiles() {
        while folder.bytes > limits.bytes, folder.count > 1, let file = folder.oldest {
            if folder.reading == file { pending = [] }
            let lost = folder.records(in: file)
            tally.dropped += lost
            log.error("the spool is full; results are lost", ["results": String(lost)])
            remove(file)
        }
    }
}
