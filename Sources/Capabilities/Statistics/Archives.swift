package import Log
package import Model
import Posix
import RRD

/// The archives of numbers over time: one of the whole, and one a worker.
///
/// Writing never throws: what fails is counted, and said once in the log. All calls run on a thread of their
/// own, since librrd blocks and is meant for one thread.
package actor Archives {
    /// Whose archive is meant.
    package enum Subject: Hashable, Sendable {
        case global
        case worker(String)

        /// As in a log line.
        var words: String {
            switch self {
            case .global: "the whole"
            case .worker(let name): "worker \(name)"
            }
        }
    }

    /// What became of the samples since the start.
    package struct Counters: Equatable, Sendable {
        package var written = 0
        /// Not newer than what the archive had.
        package var duplicates = 0
        /// Further ahead of our clock than one step.
        package var future = 0
        /// From workers with a name or a heartbeat that is not valid, or beyond the limit of archives.
        package var refused = 0
        /// Lost as the archive could not be written.
        package var failed = 0
        /// Archives that were set aside and begun anew.
        package var setAside = 0

        package init() {}
    }

    /// Archives of workers at most; each takes about 0.5 MB for ever.
    package static let maximumWorkers = 1000
    /// Seconds between two reports of a worker that an archive takes as its step.
    package static let heartbeats = 1...3600

    package private(set) var counters = Counters()
    let folder: ArchiveFolder
    let workerFolder: ArchiveFolder
    let interval: Int
    private let log: Log
    private let thread: ThreadExecutor
    private var archives: [Subject: Archive] = [:]
    /// What each failing archive failed of, so that it is said once.
    private var failures: [Subject: String] = [:]
    /// Whose samples are ahead of our clock, so that it is said once.
    private var ahead: Set<Subject> = []
    private var hasSaidFull = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The thread lives as long as the actor that holds it.
        unsafe thread.asUnownedSerialExecutor()
    }

    /// Archives in `folder` (`<state_dir>/statistics`), which is made when the first sample comes.
    ///
    /// `interval` is the seconds between two samples of the whole.
    package init(folder: String, interval: Int = 60, log: Log) {
        RRDLibrary.prepare()
        self.folder = ArchiveFolder(folder)
        workerFolder = ArchiveFolder("\(folder)/workers")
        self.interval = interval
        self.log = log
        thread = ThreadExecutor(name: "archives")
    }

    deinit { thread.stop() }

    /// Adds the counts of the whole; call it every `interval` seconds, best at whole multiples of it on the
    /// wall clock, where the archive keeps the very numbers (between them it keeps averages weighted by
    /// time).
    package func record(_ counts: GlobalCounts, at time: Timestamp, now: Timestamp) {
        record([Sample(time: time.seconds, values: counts.sourceValues)], for: .global, step: interval, now)
    }

    /// Adds reports of workers; a report's own heartbeat is the step of its archive.
    package func record(_ reports: [WorkerReport], now: Timestamp) {
        for (name, batch) in Dictionary(grouping: reports, by: \.name) {
            let subject = Subject.worker(name)
            guard let step = batch.last?.heartbeat, isWelcome(subject, name, step) else {
                counters.refused += batch.count
                continue
            }
            let samples = batch.map { Sample(time: $0.sentAt.seconds, values: $0.sourceValues) }
            record(samples, for: subject, step: step, now)
        }
    }

    private func isWelcome(_ subject: Subject, _ name: String, _ step: Int) -> Bool {
        guard Self.heartbeats.contains(step) else { return false }
        guard archives[subject] == nil else { return true }
        guard WorkerName.isValid(name) else { return false }
        let known = workerFolder.names()
        if known.contains(name) || known.count < Self.maximumWorkers { return true }
        if !hasSaidFull {
            log.error(
                "cannot keep statistics of worker \(name): \(known.count) workers have archives; "
                    + "delete old ones"
            )
        }
        hasSaidFull = true
        return false
    }

    private func record(_ samples: [Sample], for subject: Subject, step: Int, _ now: Timestamp) {
        var archive = archive(of: subject, step: step)
        defer { archives[subject] = archive }
        do throws(RRDError) {
            let outcome = try archive.record(samples, now: now.seconds)
            counters.written += outcome.written
            counters.duplicates += outcome.duplicates
            counters.future += outcome.future
            for event in outcome.events { tell(event, of: archive) }
            noteClock(subject, future: outcome.future)
            guard failures.removeValue(forKey: subject) != nil else { return }
            log.info("statistics are written again", ["archive": archive.file.path])
        } catch {
            fail(subject, error, lost: samples.count)
        }
    }

    /// The one that is open, unless the step has changed: all else of a layout is fixed.
    private func archive(of subject: Subject, step: Int) -> Archive {
        if let known = archives[subject], known.file.layout.step == step { return known }
        switch subject {
        case .global:
            return Archive(name: "global", folder: folder, layout: ArchiveLayout.global(step: step))
        case .worker(let name):
            return Archive(name: name, folder: workerFolder, layout: ArchiveLayout.worker(step: step))
        }
    }

    private func tell(_ event: Archive.Event, of archive: Archive) {
        switch event {
        case .setAside(let path, let reason):
            counters.setAside += 1
            log.warning(
                "cannot use \(archive.file.path): \(reason); it was set aside and a new one begun",
                ["kept": path])
        case .ahead(let time):
            log.warning(
                "\(archive.file.path) holds a sample ahead of the clock; it takes none before that time: "
                    + "set the clock, or move the file away", ["ahead": "\(time)"])
        }
    }

    /// Says once when the clock of a worker's machine, or ours, is wrong.
    private func noteClock(_ subject: Subject, future: Int) {
        guard future > 0 else {
            ahead.remove(subject)
            return
        }
        guard ahead.count < Self.maximumWorkers, ahead.insert(subject).inserted else { return }
        log.warning(
            "statistics of \(subject.words) are refused: their time is ahead of this machine's clock; "
                + "set the clocks"
        )
    }

    /// Counts a loss and says it unless this or another archive failed of the same before.
    private func fail(_ subject: Subject, _ error: RRDError, lost: Int) {
        counters.failed += lost
        let words = error.reason.split(separator: ":").last.map(String.init) ?? error.reason
        let isNew = !failures.values.contains(words)
        failures[subject] = words
        guard isNew else { return }
        log.error("\(error); checks go on, these statistics are lost until it is mended")
    }
}
