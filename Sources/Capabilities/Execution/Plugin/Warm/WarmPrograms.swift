import Posix

/// The programs that keep plugins warm.
package enum WarmPrograms {
    /// Their folder: `share/ppalette/warm` beside the program's `bin`, or `share/warm` of the source tree around it.
    package static func folder(besides program: String = Machine.programFolder) -> String? {
        var parts = program.split(separator: "/")
        while !parts.isEmpty {
            parts.removeLast()
            let parent = parts.reduce("") { $0 + "/" + $1 }
            for folder in ["share/ppalette/warm", "share/warm"].map({ "\(parent)/\($0)" })
            where SpawnProgramFile(path: "\(folder)/ppwarm.py") != nil {
                return folder
            }
        }
        return nil
    }
}
