import CBaselines
import Glibc
package import Posix

/// A server of one static file by the HTTP library that the engine uses, with its threading; serves until dropped.
package struct FileServer: ~Copyable {
    package let port: Int
    private let server: UnsafeMutableRawPointer

    package init(path: String) throws(PosixError) {
        var port: UInt16 = 0
        guard let server = pp_baseline_serve(path, &port) else {
            throw PosixError("serve \(path)", code: errno)
        }
        self.server = server
        self.port = Int(port)
    }

    deinit { pp_baseline_serve_end(server) }
}
