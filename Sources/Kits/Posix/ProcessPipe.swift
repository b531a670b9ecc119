import Glibc

/// Reads pipes of programs into buffers that keep only a beginning.
package struct ProcessPipe: ~Copyable {
    /// What one read brought.
    package enum Reading: Equatable, Sendable {
        /// So many bytes, of which the last `dropped` did not fit.
        case bytes(Int, dropped: Int)
        /// Nothing at the moment.
        case nothing
        /// No writer is left, or the pipe is broken.
        case ended
    }

    /// The most that one read takes: a pipe's own size.
    package static let chunk = 65536
    private var scratch = [UInt8](repeating: 0, count: ProcessPipe.chunk)

    package init() {}

    /// Reads once, appending to `kept` while it is shorter than `limit`.
    package mutating func read(_ descriptor: Int32, into kept: inout [UInt8], limit: Int) -> Reading {
        while true {
            let count = Glibc.read(descriptor, &scratch, scratch.count)
            if count > 0 {
                let room = min(count, max(0, limit - kept.count))
                if room > 0 { kept.append(contentsOf: scratch[..<room]) }
                return .bytes(count, dropped: count - room)
            }
            if count == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .nothing : .ended
        }
    }
}
