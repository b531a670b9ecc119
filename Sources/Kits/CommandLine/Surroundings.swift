@preconcurrency import Glibc

/// What a command-line program finds around it: variables, clock, files, streams.
package enum Surroundings {
    /// The environment's variables; of two with one name the first counts.
    package static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee.map({ String(cString: $0) }) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil {
                variables[String(parts[0])] = String(parts[1])
            }
            entry += 1
        }
        return variables
    }

    /// The folder that relative paths begin at; nil when it has been deleted.
    package static var workingFolder: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// Whether there is a file that this user may execute.
    package static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Seconds since 1970.
    package static func unixTime() -> Int64 { Int64(time(nil)) }

    /// Blocks this thread.
    package static func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
    }

    /// Lets a write into a closed pipe fail in place of ending the program.
    package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// How a write to a stream ended.
    package enum WriteResult: Sendable {
        case done
        /// Nobody reads the pipe any more, which is no error of the program.
        case readerGone
        case failed(reason: String)
    }

    /// Writes all of it, or says why not.
    @discardableResult
    package static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> WriteResult {
        Array(bytes).withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    return errno == EPIPE ? .readerGone : .failed(reason: reason(errno))
                }
                rest = rest.dropFirst(count)
            }
            return .done
        }
    }

    /// What the system says of an error code, as "no space left on device".
    static func reason(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// A line from standard input without its end; nil at the end of input.
    package static func readInputLine() -> String? { readLine() }
}

extension Surroundings {
    /// Ends the process at once with this status.
    package static func exit(with status: Int32) -> Never { Glibc.exit(status) }
}
