import Posix
import Testing

@testable import Node

@Suite("What the log says of isolation")
struct PluginIsolationTests {
    private func extent(
        signals: Bool = true, files: Bool = true, _ obstacle: ProcessIsolation.Obstacle? = nil
    ) -> ProcessIsolation.Extent {
        var extent = ProcessIsolation.Extent()
        (extent.hidesMemory, extent.stopsSignals, extent.protectsFiles) = (true, signals, files)
        extent.stopsTuning = signals
        extent.obstacle = obstacle
        return extent
    }

    @Test("all that was asked for is told, and is no warning")
    func whole() {
        let full = PluginIsolation.sentence(extent(), Settings())
        var settings = Settings()
        settings.worker.isolation = .processes
        let processes = PluginIsolation.sentence(extent(files: false), settings)

        #expect(!full.isWarning && full.text.hasSuffix("signal them or use files in /var/lib/ppalette"))
        #expect(!processes.isWarning && processes.text.hasSuffix("look into other processes or signal them"))
    }

    @Test(
        "what could not be had is a warning that says why",
        arguments: [
            (ProcessIsolation.Obstacle.common("/tmp"), "everybody may make files in /tmp"),
            (.closed("/home"), "/home cannot be listed"), (.shared, "worker.shared_files has all of it"),
        ])
    func part(obstacle: ProcessIsolation.Obstacle, reason: String) {
        let sentence = PluginIsolation.sentence(extent(signals: false, files: false, obstacle), Settings())

        #expect(sentence.isWarning && sentence.text.contains(reason), "\(sentence.text)")
        #expect(
            sentence.text.contains(
                "they can signal them, which Linux 6.12 and later can stop, and change limits")
        )
    }

    @Test("a kernel without Landlock is a warning")
    func none() {
        let sentence = PluginIsolation.sentence(nil, Settings())
        #expect(sentence.isWarning && sentence.text.contains("Linux 5.19"))
    }
}
