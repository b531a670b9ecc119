import Foundation
import ICMP
import Model
import Posix
import Testing

@testable import Execution

@Suite("ICMP executor", .enabled(if: canPing, "needs CAP_NET_RAW or net.ipv4.ping_group_range"))
struct ICMPExecutorTests {
    private func result(_ job: CheckJob) async throws -> CheckResult {
        let bench = try PingBench()
        defer { bench.end() }
        return try #require(try await bench.run([job]).first)
    }

    @Test("a host that answers is OK, with the times and the identity of the run")
    func answering() async throws {
        let job = pingJob("127.0.0.1", "-n 3 -i 5")
        let result = try await result(job)

        #expect(result.state == .ok && result.cause == .exited && result.exitCode == 0)
        #expect(result.output.text.hasPrefix("OK - 127.0.0.1: rta "))
        #expect(result.output.performanceText.contains("sent=3;;;0; received=3;;;0; duplicates=0"))
        #expect(result.check == job.check && result.due == job.due && result.worker == "w1")
        #expect(result.started <= result.ended)
    }

    @Test("SE-B3: 2,000 checks at once all end, each with its own address in its own text")
    func manyAtOnce() async throws {
        let bench = try PingBench()
        defer { bench.end() }
        let jobs = (0..<2000).map { number in
            pingJob("127.7.\(number / 200).\(number % 200 + 1)", "-n 2 -i 20", id: Int64(number + 1))
        }
        let results = try await bench.run(jobs)
        let addresses = Dictionary(uniqueKeysWithValues: jobs.map { ($0.check, $0.host.value.address) })

        #expect(results.count == 2000)
        for result in results {
            let address = try #require(addresses[result.check])
            #expect(result.state == .ok && result.output.text.hasPrefix("OK - \(address): rta "))
        }
        #expect(await bench.inFlight() == 0)
    }

    @Test("AP-B2: one check that fails costs the others nothing")
    func oneFails() async throws {
        let bench = try PingBench()
        defer { bench.end() }
        var jobs = (1...50).map { pingJob("127.8.0.\($0)", "-n 1", id: Int64($0)) }
        jobs.append(pingJob("255.255.255.255", "-n 1", id: 99))
        jobs.append(pingJob("not an address", "-n 1", id: 100, timeout: 2))
        jobs.append(pingJob("127.0.0.1", "-x", id: 101))
        let results = try await bench.run(jobs)
        let states = Dictionary(uniqueKeysWithValues: results.map { ($0.check.host.value, $0) })

        #expect((1...50).allSatisfy { states[$0]?.state == .ok })
        #expect(states[99]?.state == .critical)
        #expect(states[99]?.output.text.contains("rta nan, lost 100%") == true)
        #expect(states[100]?.state == .unknown && states[100]?.cause == .internal)
        #expect(states[101]?.output.text.contains("plugin ping has bad arguments") == true)
    }

    @Test("several targets make one result", .enabled(if: hasIPv6Loopback, "needs ::1"))
    func severalTargets() async throws {
        let result = try await result(pingJob("127.0.0.1", "-H 127.0.0.2 -H ::1 -n 1"))
        #expect(result.state == .ok)
        #expect(result.output.text.contains(" :: ::1: rta "))
        #expect(result.output.performanceText.contains("127.0.0.2rta="))
    }

    @Test("a target given by name is looked up first")
    func byName() async throws {
        let result = try await result(pingJob("127.0.0.9", "-H localhost -4 -n 1"))
        #expect(result.state == .ok, "\(result.output.text)")
        #expect(result.output.text.hasPrefix("OK - localhost: rta "))
    }

    @Test("-s takes an address of this machine or a network interface", arguments: ["127.0.0.3", "lo"])
    func source(source: String) async throws {
        let result = try await result(pingJob("127.0.0.1", "-s \(source) -n 2 -i 5"))
        #expect(result.state == .ok, "\(result.output.text)")
    }

    @Test("macros of the arguments are the host's")
    func macros() async throws {
        let result = try await result(pingJob("127.0.0.5", "-H '$HOSTADDRESS$' -n 1"))
        #expect(result.output.text.hasPrefix("OK - 127.0.0.5: rta "))
    }

    @Test("without a socket a check is unknown, internal, and says how to grant it")
    func noSocket() async throws {
        let error = ICMPError(
            family: .ipv4, raw: PosixError("open a socket", code: 1),
            datagram: PosixError("open a socket", code: 13))
        let bench = try PingBench(sockets: ICMPSockets(ipv4: .failure(error), ipv6: .failure(error)))
        defer { bench.end() }
        let result = try #require(try await bench.run([pingJob("127.0.0.1")]).first)

        #expect(result.state == .unknown && result.cause == .internal)
        #expect(result.output.text.contains("AmbientCapabilities=CAP_NET_RAW"))
    }

    @Test(
        "arguments that cannot be served are refused with a sentence",
        arguments: [
            ("-s 192.0.2.77", "cannot send from 192.0.2.77: this machine does not have this address"),
            ("-s nothere0", "a network interface with an IPv4 address"),
            ("-s ::1", "cannot ping 127.0.0.1 from ::1"), ("-6", "is an IPv4 address"),
            ("-w", "needs a value"),
            ("'", "quote"),
        ])
    func refusedArguments(arguments: String, words: String) async throws {
        let result = try await result(pingJob("127.0.0.1", arguments))
        #expect(result.state == .unknown && result.cause == .internal)
        #expect(result.output.text.contains(words), "\(result.output.text)")
    }

    @Test("stopping ends what runs within the grace, as internal")
    func stopping() async throws {
        let bench = try PingBench()
        defer { bench.end() }
        let jobs = (1...20).map { pingJob("127.0.0.\($0)", "-n 20 -i 10s", id: Int64($0), timeout: 300) }
        let results = try await bench.run(jobs, thenStopWithin: .milliseconds(20))

        #expect(results.count == 20)
        #expect(results.allSatisfy { $0.cause == .internal && $0.output.text == "engine is stopping" })
        #expect(await bench.inFlight() == 0)
    }

    @Test("the timeout of the plugin ends a check with what it has")
    func timeout() async throws {
        let result = try await result(pingJob("127.0.0.1", "-n 20 -i 400ms", timeout: 1))
        #expect(result.state == .ok)
        #expect(result.ended - result.started < .seconds(5))
        #expect(!result.output.performanceText.contains("sent=20;"))
    }

    @Test(
        "state and shape of the output are those of the packaged check_icmp",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: checkICMP), "needs monitoring-plugins-standard"),
        arguments: [
            "-H 127.0.0.1 -n 3 -i 10", "-H 127.0.0.1 -n 2 -i 10 -w 1000,50% -c 2000,100%",
            "-H 127.0.0.1 -n 2 -i 10 -w 500,0% -c 500,50%", "-H 127.0.0.1 -n 2 -i 10 -w 500,0% -c 500,0%",
            "-H 127.0.0.1 -H 127.0.0.2 -n 1", "-H 127.0.0.1 -n 1 -b 1000 -l 5",
        ])
    func comparison(arguments: String) async throws {
        let theirs = try runCheckICMP(arguments)
        guard theirs.status != 3 else { return }
        let ours = try await result(pingJob("127.0.0.1", arguments))

        #expect(ours.exitCode == Int(theirs.status), "\(theirs.text) against \(ours.output.text)")
        #expect(withoutTimes(ours.output.text) == withoutTimes(theirs.text))
        let theirItems = PerformanceData(parsing: theirs.data).items
        let ourItems = PerformanceData(parsing: ours.output.performanceText).items
        for item in theirItems {
            let same = try #require(ourItems.first { $0.label == item.label }, "\(item.label) is missing")
            #expect(same.unit == item.unit && same.warning == item.warning && same.critical == item.critical)
        }
    }

    private func withoutTimes(_ text: String) -> String {
        text.replacing(/\d+\.\d{3}ms/, with: "?ms")
    }

    private func runCheckICMP(_ arguments: String) throws -> (status: Int32, text: String, data: String) {
        let process = Process()
        process.executableURL = URL(filePath: checkICMP)
        process.arguments = arguments.split(separator: " ").map(String.init)
        let output = Foundation.Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let printed = PluginOutput.parse(standardOutput: Array(bytes))
        return (process.terminationStatus, printed.text, printed.performanceText)
    }
}

private let checkICMP = "/usr/lib/nagios/plugins/check_icmp"
private let hasIPv6Loopback = FileManager.default.fileExists(atPath: "/proc/net/if_inet6")
