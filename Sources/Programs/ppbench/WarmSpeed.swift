import Model
import Posix
import Storage

/// A plugin in Python or Perl through the whole engine, kept warm beside the same one started anew for each run.
struct WarmSpeed {
    static let python = Benchmark(
        name: "warm-python", summary: "a plugin in Python that is kept warm, beside cold starts of it"
    ) { try WarmSpeed(language: "Python", text: pythonText, target: 6).run(rounds: $0.rounds) }

    static let perl = Benchmark(
        name: "warm-perl", summary: "a plugin in Perl that is kept warm, beside cold starts of it"
    ) { try WarmSpeed(language: "Perl", text: perlText, target: 4).run(rounds: $0.rounds) }

    /// Three modules that most plugins in Python import.
    private static let pythonText = """
        #!/usr/bin/python3
        import argparse, json, sys, urllib.request
        parser = argparse.ArgumentParser(description="a plugin to be measured")
        parser.add_argument("-w", "--warning", type=float, default=5)
        parser.add_argument("-c", "--critical", type=float, default=9)
        options = parser.parse_args()
        document = json.loads('{"value": 3.5}')
        request = urllib.request.Request("http://127.0.0.1/", headers={"Accept": "application/json"})
        print("OK - %s is fine | value=%s;%s;%s" % (
            request.host, document["value"], options.warning, options.critical))
        sys.exit(0)

        """

    /// As its own manual page begins.
    private static let perlText = """
        #!/usr/bin/perl -w
        use strict;
        use Monitoring::Plugin;
        my $plugin = Monitoring::Plugin->new(usage => "Usage: %s [-w WARNING]", shortname => "MEASURED");
        $plugin->add_arg(spec => "warning|w=s", help => "warning range", default => "5");
        $plugin->getopts;
        my $threshold = $plugin->set_thresholds(warning => $plugin->opts->warning, critical => 9);
        $plugin->add_perfdata(label => "value", value => 3.5, threshold => $threshold);
        $plugin->plugin_exit($plugin->check_threshold(3.5), "3.5 is fine");

        """

    /// More than the machine can do.
    private static let hosts = 1000
    private static let width = 16
    private static let length = Duration.seconds(5)

    let language: String
    let text: String
    let target: Double

    private struct Sample {
        let rate: Double
        /// Share of the runs that a helper began.
        let warmShare: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let plugin = try PluginFile.script(text)
        Benchmarks.complain("warm: \(rounds) times \(Self.length) each of warm and cold runs in \(language)")
        let samples = try Turns.measure(
            rounds, ours: { try Self.measure(plugin, isWarm: true) },
            baseline: { try Self.measure(plugin, isWarm: false) })
        let share = Figure(samples.ours.map(\.warmShare)).median * 100
        return [
            BenchmarkRow(
                what: "warm: runs in \(language), results in SQL", ours: Figure(samples.ours.map(\.rate)),
                baselineName: "cold", baseline: Figure(samples.baseline.map(\.rate)), unit: "/s",
                target: .atLeast(target), note: "\(Figure.digits(share)) % of the runs were warm")
        ]
    }

    /// One engine of its own, saturated; counted are the runs that are recorded once a helper is ready.
    private static func measure(_ plugin: borrowing PluginFile, isWarm: Bool) throws -> Sample {
        let objects = ObjectSet(
            hosts: hosts, pluginsOfEach: 1, interval: 1, work: .program(plugin.name, isWarm: isWarm))
        let engine = try MeasuredEngine.saturated(folder: plugin.folder, width: width) { store in
            try await objects.fill(store)
        }
        // The first helper learns, the second one has loaded what it learnt.
        let window = try engine.window(length, after: .seconds(3))
        let warm = window.growth("ppalette_warm_runs_total{start=\"warm\"}")
        let cold = window.growth("ppalette_warm_runs_total{start=\"cold\"}")
        return Sample(rate: window.recorded / window.seconds, warmShare: warm / max(1, warm + cold))
    }
}
