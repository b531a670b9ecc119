import Model
import Posix

/// The environment of plugins: nothing of the engine's own but `PATH`, `LANG` and `HOME`.
struct PluginEnvironment: Sendable {
    /// What every run has.
    let common: [String]

    /// Takes what there is from the engine's environment.
    init() {
        let path =
            ProcessControl.environment("PATH")
            ?? "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
        common = [
            "PATH=\(path)", "LANG=\(ProcessControl.environment("LANG") ?? "C.UTF-8")", "LC_NUMERIC=C",
            "HOME=\(ProcessControl.environment("HOME") ?? "/")",
        ]
    }

    /// The entries for one run.
    func entries(for job: CheckJob, tag: ProcessTag) -> [String] {
        common + [
            "PPALETTE_HOST=\(job.host.value.name)", "PPALETTE_PLUGIN=\(job.plugin.value.name)",
            "PPALETTE_RUN=\(String(tag.rawValue, radix: 16))",
        ]
    }
}
