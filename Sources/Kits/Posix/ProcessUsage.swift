import Glibc

/// What this process takes of the machine at one moment.
package struct ProcessUsage: Equatable, Sendable {
    /// Bytes of memory that are resident.
    package var residentBytes: Int
    /// Processor time of all threads since the start, user and system; that of children is not in it.
    package var processorTime: Duration

    package init(residentBytes: Int, processorTime: Duration) {
        self.residentBytes = residentBytes
        self.processorTime = processorTime
    }

    /// Reads /proc/self/statm and getrusage(2); memory is 0 where there is no /proc.
    package static func now() -> ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return ProcessUsage(
            residentBytes: residentPages() * Int(sysconf(Int32(_SC_PAGESIZE))),
            processorTime: .seconds(seconds) + .microseconds(microseconds))
    }

    /// Share of one core since `earlier`, which was `elapsed` ago: 1.0 is all of one core; 0 when no time went by.
    package func share(since earlier: ProcessUsage, elapsed: Duration) -> Double {
        guard elapsed > .zero else { return 0 }
        return max(0, (processorTime - earlier.processorTime) / elapsed)
    }

    private static func residentPages() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return 0 }
        return residentPages(statm: buffer.prefix(count))
    }

    /// The second number of statm (proc(5)).
    static func residentPages(statm: some Collection<UInt8>) -> Int {
        let words = statm.split(separator: UInt8(ascii: " "))
        guard words.count > 1 else { return 0 }
        return Int(String(decoding: words[1], as: UTF8.self)) ?? 0
    }
}
