import CLinux
import Glibc

/// Which files and folders programs may use, so that all is open to them but one folder.
struct IsolationRules: Sendable {
    /// Programs have no business in changing these; a cgroup of the service is there, and writing to it can kill.
    private static let readOnly = "/sys"

    private(set) var extent = ProcessIsolation.Extent()
    private(set) var watchedFolders: [String] = []
    private var allowed: [String] = []
    private let handlesFiles: Bool

    init(of wish: ProcessIsolation.Wish, version: Int32) {
        extent.hidesMemory = true
        extent.stopsSignals = version >= 6
        handlesFiles = wish.protectedFolder != nil
        guard let folder = wish.protectedFolder.map(Self.resolved) else { return }
        extent.protectsFiles = true
        var way = ""
        for part in folder.split(separator: "/") {
            guard openAllBeside(part, in: way) else { return }
            way += "/" + part
        }
        share(wish.sharedFiles.map(Self.resolved), in: folder)
    }

    /// Allows what is in a folder on the way (`""` is the top) but its next `part`; false when that cannot be done.
    private mutating func openAllBeside(_ part: Substring, in way: String) -> Bool {
        let folder = way.isEmpty ? "/" : way
        let names = Self.names(in: folder)
        if let names, !Self.isCommon(folder) {
            allowed += names.filter { $0 != part }.map { "\(way)/\($0)" }
            watchedFolders.append(folder)
            return true
        }
        giveUp(folder, names == nil ? .closed(folder) : .common(folder))
        return false
    }

    private mutating func share(_ shared: [String], in folder: String) {
        guard !shared.contains(folder) else { return giveUp(folder, .shared) }
        let inside = shared.filter { $0.hasPrefix(folder + "/") }
        guard !inside.isEmpty else { return }
        allowed += inside
        watchedFolders.append(folder)
    }

    /// Allows all of a folder that the protected one is in.
    private mutating func giveUp(_ folder: String, _ obstacle: ProcessIsolation.Obstacle) {
        extent.protectsFiles = false
        extent.obstacle = obstacle
        allowed.append(folder)
    }

    /// Makes a ruleset and returns its descriptor.
    func make(version: Int32) throws(PosixError) -> Int32 {
        let wanted = Int32(PP_LANDLOCK_SCOPE) | (handlesFiles ? Int32(PP_LANDLOCK_FILES) : 0)
        let ruleset = try system("make rules for plugins") { pp_landlock_make(version, wanted) }
        do throws(PosixError) {
            for path in allowed {
                let use = path == Self.readOnly ? PP_LANDLOCK_READ : PP_LANDLOCK_CHANGE
                _ = try system("allow plugins \(path)") { pp_landlock_allow(ruleset, version, path, use) }
            }
        } catch {
            close(ruleset)
            throw error
        }
        return ruleset
    }

    /// The path without links; the path itself when it does not exist.
    private static func resolved(_ path: String) -> String {
        guard let whole = realpath(path, nil) else { return path }
        defer { free(whole) }
        return String(cString: whole)
    }

    /// Whether everybody may make files in a folder, as in /tmp: programs must be able to use what they make there.
    private static func isCommon(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o002 != 0
    }

    /// What is in a folder; nil when it cannot be listed.
    private static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
