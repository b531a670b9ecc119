import CRRD
import Glibc
import Synchronization

/// The library itself: its version, its preparation and the one place where it is called.
///
/// librrd keeps its last error a thread and is slower on two threads than on one: call this kit from one
/// thread.
package enum RRDLibrary {
    /// The library's version, as "1.7.2".
    package static var version: String {
        guard let text = rrd_strversion() else { return "unknown" }
        return String(cString: text)
    }

    /// Takes away what the environment can do to the library; call it first in the program, before threads
    /// start.
    ///
    /// `RRDCACHED_ADDRESS` would redirect every call to a daemon, and a locale with a decimal comma would
    /// turn the numbers that are read and written into others.
    package static func prepare() { _ = isPrepared }

    /// Held while a picture is drawn: that part of the library is for one thread at a time.
    static let drawing = Mutex(())

    private static let isPrepared: Bool = {
        if getenv("RRDCACHED_ADDRESS") != nil { unsetenv("RRDCACHED_ADDRESS") }
        setlocale(LC_NUMERIC, "C")
        // The library sets its "unknown" and its infinity at their first use and marks them as set before they
        // are: two threads that came first at once would read 0 in their place.
        _ = rrd_set_to_DNAN()
        _ = rrd_set_to_DINF()
        return true
    }()

    /// Runs a call that returns 0 when it is done; every failure of the library becomes an error here or in
    /// ``failure(_:_:)``.
    static func call(_ attempt: @autoclosure () -> String, _ body: () -> Int32) throws(RRDError) {
        prepare()
        rrd_clear_error()
        guard body() != 0 || rrd_test_error() != 0 else { return }
        throw failure(.system, attempt())
    }

    /// The library's last error of this thread, which is cleared.
    static func failure(_ kind: RRDError.Kind, _ attempt: String) -> RRDError {
        defer { rrd_clear_error() }
        let text = rrd_get_error().map { String(cString: $0) } ?? ""
        return RRDError(kind, attempt, text.isEmpty ? "librrd gave no reason" : text)
    }

    /// The system's words for the last error number, in lower case.
    static func systemReason(_ code: Int32 = errno) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// The texts as an argument vector that is valid during `body` only.
    static func withArguments<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, Int32) -> Result
    ) -> Result {
        var copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("a vector has its final nil") }
            return body(base, Int32(texts.count))
        }
    }
}
