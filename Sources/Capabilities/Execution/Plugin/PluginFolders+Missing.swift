import Model
import Posix

extension PluginFolders {
    /// Why a plugin cannot be saved with this script, with the nearest file; nil when a folder has it.
    ///
    /// Nil too when a folder cannot be looked into: then only a run can tell.
    package func refusal(ofScript script: String) -> String? {
        var files: [String] = []
        for path in paths.reversed() {
            do throws(PosixError) {
                files += try DurableFile.names(in: path)
            } catch {
                guard error.code == ErrorNumber.noEntry || error.code == ErrorNumber.notAFolder else {
                    return nil
                }
            }
        }
        guard !files.contains(script) else { return nil }
        return "is in no plugin folder (\(paths.joined(separator: ", "))); install it there first"
            + NearestName.suggestion(for: script, among: files.sorted())
    }
}
