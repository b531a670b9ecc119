import RRD

extension Archives {
    /// Names of the workers that have an archive, sorted, also those that are long gone.
    package func workers() -> [String] {
        workerFolder.names().filter(WorkerName.isValid)
    }

    /// Averages after `from` up to `to` (seconds since 1970) in at most `points` points (2 to 5000).
    ///
    /// Points lie on a grid of whole multiples of the step, so that two requests agree; where nothing is
    /// known they are nil. The whole has its names without points until its first sample; a worker without
    /// archive is nil.
    package func series(
        _ subject: Subject, from: Int64, to: Int64, points: Int
    ) throws(StatisticsError) -> Series? {
        guard from < to else {
            throw .invalid(field: "from", reason: "\(from) is not before to, which is \(to)")
        }
        guard let file = try existing(subject) else { return subject == .global ? emptySeries : nil }
        do throws(RRDError) {
            let last = try file.inspect()
            guard
                let grid = SeriesGrid(from: from, to: to, points: points, layout: file.layout, last: last)
            else {
                let lines = file.layout.sources.map { Series.Line(name: $0.name, points: []) }
                return Series(step: file.layout.step, lines: lines)
            }
            let rows = try file.fetch(.average, from: grid.from, to: grid.to, step: grid.rowStep)
            guard rows.step == grid.rowStep else {
                throw RRDError(.system, "read \(file.path)", "rows of \(rows.step) s for \(grid.rowStep) s")
            }
            return grid.series(of: rows)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// The archive as it lies on the disk, or nil when there is none; a name that is not valid has none.
    func existing(_ subject: Subject) throws(StatisticsError) -> RRDFile? {
        let path: String
        switch subject {
        case .global: path = folder.file(named: "global")
        case .worker(let name):
            guard WorkerName.isValid(name) else { return nil }
            path = workerFolder.file(named: name)
        }
        do throws(RRDError) {
            let file = try RRDFile.existing(at: path)
            let expected =
                subject == .global
                ? ArchiveLayout.global(step: file.layout.step) : ArchiveLayout.worker(step: file.layout.step)
            guard file.layout == expected else {
                throw RRDError(.damaged, "read \(path)", "its sources or its rings are not the expected ones")
            }
            return file
        } catch {
            if error.kind == .missing { return nil }
            throw .unavailable("\(error)")
        }
    }

    private var emptySeries: Series {
        let layout = ArchiveLayout.global(step: interval)
        return Series(step: interval, lines: layout.sources.map { Series.Line(name: $0.name, points: []) })
    }
}
