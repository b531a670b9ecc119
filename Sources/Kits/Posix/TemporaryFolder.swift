import Glibc

/// A new folder of our own below /tmp, removed with all in it when its owner drops it.
package struct TemporaryFolder: ~Copyable {
    package let path: String

    package init() throws(PosixError) {
        var name = Array("/tmp/ppalette-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw PosixError("make a folder below /tmp") }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // What cannot be removed stays in /tmp, where it harms nobody.
    deinit { Folder.remove(path) }
}

extension Folder {
    /// Removes a folder with all in it, as far as possible; links are removed, not followed.
    package static func remove(_ path: String) {
        if let folder = opendir(path) {
            var names: [String] = []
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            closedir(folder)
            for name in names {
                let inner = path + "/" + name
                if unlink(inner) != 0 { remove(inner) }
            }
        }
        rmdir(path)
    }
}
