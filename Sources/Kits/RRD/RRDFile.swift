import CRRD
import Glibc

/// One archive file; opened anew by the library for every call, so that nothing is held.
package struct RRDFile: Sendable {
    package let path: String
    package let layout: Layout

    package init(path: String, layout: Layout) {
        self.path = path
        self.layout = layout
    }

    /// Earliest time that the library takes for the beginning of an archive.
    package static let earliest: Int64 = 315_360_000

    /// Makes the file with nothing in it, samples being welcome after `start`; never replaces one that is
    /// there.
    ///
    /// The file is read back: on a full disk the library can report success and leave none (librrd 1.7.2).
    package func create(startingAt start: Int64) throws(RRDError) {
        let attempt = "create \(path)"
        guard start > Self.earliest else {
            throw RRDError(.invalid, attempt, "the clock says \(start), which is before 1980; set the clock")
        }
        try RRDLibrary.call(attempt) {
            RRDLibrary.withArguments(layout.definitions) { arguments, count in
                arguments.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: Int(count)) {
                    rrd_create_r2(path, UInt(layout.step), time_t(start), 1, nil, nil, count, $0)
                }
            }
        }
        do {
            _ = try inspect()
        } catch {
            throw RRDError(
                .system, attempt, "the file is not there afterwards (\(error.reason)); is the disk full?")
        }
    }

    /// The archive at `path` with the layout that it has; throws `missing`, `damaged` or `system`.
    package static func existing(at path: String) throws(RRDError) -> RRDFile {
        RRDFile(path: path, layout: try header(of: path).layout)
    }

    /// Checks that the file is a sound archive of this layout, and returns the time of its last sample.
    package func inspect() throws(RRDError) -> Int64 {
        let header = try Self.header(of: path)
        let found = header.layout
        guard found.step == layout.step else {
            throw RRDError(
                .otherStep, "open \(path)", "its step is \(found.step) s and \(layout.step) s is asked for")
        }
        guard found == layout else {
            throw RRDError(.damaged, "open \(path)", "its sources or its rings are not the expected ones")
        }
        return header.lastUpdate
    }

    /// Tells a file that cannot be opened now from one that is broken, and fills its holes.
    ///
    /// The library writes through a memory map, where a hole that finds no room on the disk would end the
    /// program.
    private static func header(of path: String) throws(RRDError) -> RRDHeader {
        let attempt = "open \(path)"
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let kind: RRDError.Kind = errno == ENOENT ? .missing : errno == ELOOP ? .damaged : .system
            throw RRDError(kind, attempt, RRDLibrary.systemReason())
        }
        defer { close(descriptor) }
        var status = stat()
        var bytes = [UInt8](repeating: 0, count: RRDHeader.readLimit)
        guard fstat(descriptor, &status) == 0 else {
            throw RRDError(.system, attempt, RRDLibrary.systemReason())
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw RRDError(.damaged, attempt, "it is empty or no file")
        }
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw RRDError(.system, attempt, RRDLibrary.systemReason()) }
        guard let header = RRDHeader(Array(bytes.prefix(count)), fileSize: Int(status.st_size)) else {
            throw RRDError(.damaged, attempt, "it is no archive of ours, or cut short")
        }
        guard status.st_blocks * 512 < status.st_size else { return header }
        let code = posix_fallocate(descriptor, 0, status.st_size)
        if code == ENOSPC { throw RRDError(.system, attempt, RRDLibrary.systemReason(code)) }
        return header
    }
}

/// One value of each source at one time.
package struct Sample: Equatable, Sendable {
    /// Seconds since 1970.
    package let time: Int64
    /// In the order of the layout; nil is unknown.
    package let values: [Double?]

    package init(time: Int64, values: [Double?]) {
        self.time = time
        self.values = values
    }
}

extension RRDFile {
    /// Adds samples, which must be in order of time and newer than what the file holds (see ``SampleGate``).
    ///
    /// One sample that the file already has is skipped by the library and costs no other. Values go in the order of the
    /// layout, which is that of the file (see ``inspect()``): a template would be looked up at every call.
    package func update(_ samples: [Sample]) throws(RRDError) {
        guard !samples.isEmpty else { return }
        var lines: [String] = []
        for sample in samples { lines.append(try line(sample)) }
        try RRDLibrary.call("update \(path)") {
            RRDLibrary.withArguments(lines) { arguments, count in
                arguments.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: Int(count)) {
                    rrd_updatex_r(path, nil, RRD_SKIP_PAST_UPDATES, count, $0)
                }
            }
        }
    }

    private func line(_ sample: Sample) throws(RRDError) -> String {
        guard sample.values.count == layout.sources.count else {
            throw RRDError(
                .invalid, "update \(path)",
                "\(sample.values.count) values for \(layout.sources.count) sources")
        }
        var line = ""
        line.reserveCapacity(16 + 20 * sample.values.count)
        line += sample.time.description
        for value in sample.values {
            line += ":"
            guard let value else {
                line += "U"
                continue
            }
            guard value.isFinite else {
                throw RRDError(.invalid, "update \(path)", "\(value) is not a finite number")
            }
            // Whole numbers without a point: rrdtool lastupdate shows them as they were written.
            line += Int64(exactly: value)?.description ?? value.description
        }
        return line
    }
}
