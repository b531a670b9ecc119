import Log
import Posix

/// Keeps local plugins from the engine and from each other as the settings ask, and says once what holds.
struct PluginIsolation {
    let settings: Settings
    let log: Log

    /// Call on `loop`; nil when plugins may do all that the engine's user may.
    func start(on loop: EventLoop) throws(PosixError) -> ProcessIsolation? {
        guard settings.worker.isolation != .off else {
            log.info(
                "plugins are not isolated (worker.isolation: off): they can signal the engine and use its files"
            )
            return nil
        }
        let isFull = settings.worker.isolation == .full
        let isolation = try ProcessIsolation(
            ProcessIsolation.Wish(
                protecting: isFull ? settings.stateDirectory : nil,
                sharing: settings.worker.sharedFiles + settings.pluginPaths))
        let sentence = Self.sentence(isolation?.extent, settings)
        if sentence.isWarning { log.warning(sentence.text) } else { log.info(sentence.text) }
        guard let isolation, isFull else { return isolation }
        do throws(PosixError) {
            try IsolationWatch.start(of: isolation, on: loop.reactor) { [log] error in
                log.warning("\(error); plugins may lack new files and folders beside state_dir")
            }
        } catch {
            log.warning("\(error); plugins lack new files and folders beside state_dir until the next start")
        }
        return isolation
    }

    /// What plugins can and cannot do, for the log.
    static func sentence(
        _ extent: ProcessIsolation.Extent?, _ settings: Settings
    ) -> (text: String, isWarning: Bool) {
        guard let extent else {
            return (
                "plugins are not isolated: this kernel has no Landlock (Linux 5.19 and later have, unless it is switched "
                    + "off); they can signal the engine and use its files", true
            )
        }
        var holds = ["look into other processes"]
        var lacks: [String] = []
        if extent.stopsSignals {
            holds.append("signal them")
        } else {
            lacks.append("signal them, which Linux 6.12 and later can stop")
        }
        if !extent.stopsTuning {
            lacks.append("change limits and priority of the engine, since seccomp is refused")
        }
        if extent.protectsFiles {
            holds.append("use files in \(settings.stateDirectory)")
        } else if settings.worker.isolation == .full {
            lacks.append("use files in \(settings.stateDirectory), since \(reason(extent, settings))")
        }
        let text = "plugins are isolated: they cannot \(list(holds))"
        guard !lacks.isEmpty else { return (text, false) }
        return (text + "; they can \(lacks.joined(separator: ", and "))", true)
    }

    private static func reason(_ extent: ProcessIsolation.Extent, _ settings: Settings) -> String {
        switch extent.obstacle {
        case .common(let folder):
            "everybody may make files in \(folder) and plugins need theirs; choose another state_dir"
        case .closed(let folder): "\(folder) cannot be listed; choose another state_dir"
        case .shared, nil: "plugin_paths or worker.shared_files has all of it"
        }
    }

    private static func list(_ items: [String]) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " or " + last
    }
}
