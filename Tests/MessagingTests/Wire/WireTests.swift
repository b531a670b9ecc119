import JSON
import Messaging
import Model
import Testing

/// The form of messages between processes.
@Suite("Form of messages")
struct WireTests {
    private static let host = Host(
        id: HostID(7), name: "web1 \u{1F600}", address: "2001:db8::1", login: "probe", port: 2222,
        history: false,
        labels: ["role": "web \"quoted\""], variables: ["DISK": "/ \\ \""])
    private static let plugin = Plugin(
        id: PluginID(9), name: "disk", runner: .ssh, script: "check_disk",
        arguments: "-w 10% -p '$_HOSTDISK$'",
        interval: 60, timeout: 12, allowSilent: true, allowBackground: true)
    private static let result = CheckResult(
        check: CheckID(host: HostID(7), plugin: PluginID(9)),
        due: Timestamp(microseconds: 1_800_000_000_123_456),
        started: Timestamp(microseconds: 1_800_000_000_200_001),
        ended: Timestamp(microseconds: 1_800_000_001_000_009),
        state: .critical, cause: .exited, exitCode: 2,
        output: PluginOutput(
            text: "DISK CRITICAL \u{7} | äöü", longText: "one\ntwo", performanceText: "/=5MB;1;2",
            errorText: "warned", isTruncated: true, isSanitised: true, droppedBytes: 99),
        worker: "w1", keepsHistory: false,
        assignment: Assignment(ticket: Ticket(bytes: Array(1...16)), observer: "berlin"))
    private static let report = WorkerReport(
        name: "w1", sentAt: Timestamp(microseconds: 5), version: "0.1.0", address: "192.0.2.1", heartbeat: 20,
        workerCount: 3, workerAlive: 2, inFlight: 10, inputQueueSize: 4, throughput: 12.5,
        latencyMilliseconds: 0.25, executionMilliseconds: 3, ramUsed: 60_000_000, cpu: 0.17,
        condition: .isolated)

    /// The text of a message, with one field replaced.
    private func changed(_ message: some WireMessage, _ path: [String], _ value: JSONValue?) throws -> [UInt8]
    {
        func replace(_ object: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
            guard case .object(var members) = object, let name = path.first,
                let index = members.firstIndex(where: { $0.name == name })
            else { return object }
            if path.count > 1 {
                members[index].value = replace(members[index].value, path.dropFirst())
            } else if let value {
                members[index].value = value
            } else {
                members.remove(at: index)
            }
            return .object(members)
        }
        return replace(try JSONValue(parsing: message.wireBytes()), path[...]).bytes()
    }

    private func refusal<Message: WireMessage>(_ bytes: [UInt8], of type: Message.Type) -> String? {
        do throws(WireError) {
            _ = try Message(wireBytes: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("a job keeps all that a worker needs")
    func job() throws {
        let job = CheckJob(
            host: Shared(Self.host), plugin: Shared(Self.plugin), due: Timestamp(microseconds: 11),
            deadline: Timestamp(microseconds: 12), isForced: true, assignment: Self.result.assignment)
        guard case .check(let read) = try Job(wireBytes: Job.check(job).wireBytes()) else {
            Issue.record("it is no check any more")
            return
        }
        #expect(read.host.value == Self.host)
        #expect(read.plugin.value == Self.plugin)
        #expect(read.due == job.due)
        #expect(read.deadline == job.deadline)
        #expect(read.isForced)
        #expect(read.assignment == job.assignment)
    }

    @Test("a sweep keeps its subnet")
    func discoveryJob() throws {
        let subnet = Subnet(
            id: SubnetID(3), name: "office", network: "192.0.2.0/24", suite: "web", autoDiscovery: true,
            interval: 99, discoveredMaintenance: false)
        let job = DiscoveryJob(
            id: 5, subnet: subnet, due: Timestamp(microseconds: 8), assignment: Self.result.assignment)
        guard case .discovery(let read) = try Job(wireBytes: Job.discovery(job).wireBytes()) else {
            Issue.record("it is no sweep any more")
            return
        }
        #expect(read.id == 5)
        #expect(read.subnet == subnet)
        #expect(read.assignment == job.assignment)
        #expect(read.due == job.due)
    }

    @Test("word of runs that are over comes out as it went in, and is bounded")
    func runEnds() throws {
        let ends = RunEnds(
            (0..<Int64(RunEnds.most)).map { number in
                RunEnd(
                    check: CheckID(host: HostID(number), plugin: PluginID(.max)),
                    due: Timestamp(microseconds: number),
                    started: Timestamp(microseconds: number + 1))
            })
        #expect(try RunEnds(wireBytes: ends.wireBytes()) == ends)
        #expect(throws: WireError.self) { try RunEnds(ends.ends + ends.ends.prefix(1)).wireBytes() }
        #expect(throws: WireError.self) { try RunEnds(wireBytes: Outcome.check(Self.result).wireBytes()) }
    }

    @Test("outcomes come out as they went in")
    func outcomes() throws {
        let sweep = DiscoveryResult(
            id: 4, scanned: 10, total: 254,
            responders: [
                .init(address: "192.0.2.1", name: "a.example"), .init(address: "192.0.2.2", name: nil),
            ],
            isFinished: true, failure: "no route",
            assignment: Assignment(ticket: Ticket(bytes: Array(0..<16))))
        var silent = Self.result
        silent.exitCode = nil
        for result in [Self.result, silent] {
            guard case .check(let read) = try Outcome(wireBytes: Outcome.check(result).wireBytes()) else {
                Issue.record("it is no result any more")
                return
            }
            #expect(read == result)
        }
        guard case .discovery(let read) = try Outcome(wireBytes: Outcome.discovery(sweep).wireBytes()),
            case .report(let report) = try Outcome(wireBytes: Outcome.report(Self.report).wireBytes())
        else {
            Issue.record("they are something else now")
            return
        }
        #expect(read == sweep)
        #expect(report == Self.report)
    }

    @Test("a result beyond the limit loses the end of its longest text, says so, and stays valid")
    func cut() throws {
        var result = Self.result
        result.output = PluginOutput(
            text: "OK", longText: String(repeating: "\u{1}ä", count: 60_000),
            performanceText: (0..<9000).map { "label\($0)=\($0)" }.joined(separator: " "), errorText: "e")
        let bytes = try Outcome.check(result).wireBytes()
        #expect(bytes.count <= WireFormat.sizeLimit)
        guard case .check(let read) = try Outcome(wireBytes: bytes) else {
            Issue.record("it is no result any more")
            return
        }
        #expect(read.output.isTruncated)
        #expect(read.output.text == "OK")
        #expect(read.output.errorText == "e")
        #expect(result.output.longText.hasPrefix(read.output.longText))
        let before = result.output.longText.utf8.count + result.output.performanceText.utf8.count
        let after = read.output.longText.utf8.count + read.output.performanceText.utf8.count
        #expect(read.output.droppedBytes == before - after)
        #expect(
            PerformanceData(parsing: read.output.performanceText).items.allSatisfy {
                $0.label.hasPrefix("label")
            })
    }

    @Test("a job that cannot be cut is not sent when it is beyond the limit")
    func largeJob() {
        var host = Self.host
        for number in 0..<100 { host.variables["V\(number)"] = String(repeating: "x", count: 4000) }
        let job = CheckJob(
            host: Shared(host), plugin: Shared(Self.plugin), due: Timestamp(microseconds: 1),
            deadline: Timestamp(microseconds: 2))

        #expect(throws: WireError.self) { try Job.check(job).wireBytes() }
    }

    @Test(
        "a job that a worker cannot trust is refused",
        arguments: [
            (["v"], .integer(2), "its version is 2"), (["v"], nil, "it has no field v"),
            (["kind"], "result", "its field kind"), (["due"], "now", "its field due is not a whole number"),
            (["due"], .integer(.min), "its field due is not a time"),
            (["deadline"], .integer(.max), "its field deadline is not a time"),
            (["plugin", "script"], "../../bin/sh", "its script is none that we accept"),
            (["plugin", "script"], "/bin/sh", "its script is none that we accept"),
            (["plugin", "script"], "-rf", "its script is none that we accept"),
            (["plugin", "script"], "", "its script is none that we accept"),
            (["plugin", "runner"], "root", "its field runner"),
            (["plugin", "timeout"], 0, "its timeout is none that we accept"),
            (["plugin", "arguments"], "'open", "its arguments is none that we accept"),
            (["host", "address"], "-oProxyCommand=sh", "its address is none that we accept"),
            (["host", "login"], "-l", "its login is none that we accept"),
            (["host", "port"], 70_000, "its port is none that we accept"),
            (["host", "labels"], ["a": 1], "its field labels is not an object of texts"),
            (["host"], [], "it is a list and not an object"),
        ] as [([String], JSONValue?, String)])
    func distrust(path: [String], value: JSONValue?, reason: String) throws {
        let job = CheckJob(
            host: Shared(Self.host), plugin: Shared(Self.plugin), due: Timestamp(microseconds: 11),
            deadline: Timestamp(microseconds: 12))
        let sentence = refusal(try changed(Job.check(job), path, value), of: Job.self)

        #expect(sentence?.contains(reason) == true, "\(sentence ?? "accepted")")
    }

    @Test(
        "an outcome that cannot be true is refused",
        arguments: [
            (["state"], "pending", "its field state"), (["state"], "fine", "its field state"),
            (["cause"], "magic", "its field cause"), (["dropped_bytes"], -1, "its field dropped_bytes"),
            (["dropped_bytes"], .integer(.max), "its field dropped_bytes"),
            (["exit_code"], .integer(1 << 40), "its field exit_code"),
            (["output"], nil, "it has no field output"),
            (["truncated"], 1, "its field truncated is not true or false"),
            (["ticket"], "12", "its field ticket is none of ours"),
        ] as [([String], JSONValue?, String)])
    func nonsense(path: [String], value: JSONValue?, reason: String) throws {
        let sentence = refusal(try changed(Outcome.check(Self.result), path, value), of: Outcome.self)

        #expect(sentence?.contains(reason) == true, "\(sentence ?? "accepted")")
    }

    @Test("what is no JSON, too deep or too large is refused without being shown")
    func garbage() {
        let deep = String(repeating: "[", count: 100)
        for text in ["", "geheim", "[1]", "{\"v\":1", deep, String(repeating: " ", count: 300_000)] {
            let sentence = refusal(Array(text.utf8), of: Outcome.self)
            #expect(sentence != nil)
            #expect(sentence?.contains("geheim") == false)
        }
    }

    @Test("what a worker of before sends can be read, without what it does not know")
    func before() throws {
        func without(_ names: [String], _ bytes: [UInt8]) throws -> [UInt8] {
            let members = try JSONValue(parsing: bytes).asObject ?? []
            return JSONValue.object(members.filter { !names.contains($0.name) }).bytes()
        }
        let result = try without(["ticket", "observer"], Outcome.check(Self.result).wireBytes())
        guard case .check(let read) = try Outcome(wireBytes: result) else {
            Issue.record("it is no result any more")
            return
        }
        #expect(read.assignment == Assignment())
        let report = try without(["condition"], Outcome.report(Self.report).wireBytes())
        guard case .report(let old) = try Outcome(wireBytes: report) else {
            Issue.record("it is no report any more")
            return
        }
        #expect(old.condition == .working)
    }

    @Test("the form is what other versions will read")
    func golden() throws {
        #expect(
            String(decoding: try Outcome.check(Self.result).wireBytes(), as: UTF8.self) == """
                {"v":1,"kind":"check","host":7,"plugin":9,"due":1800000000123456,"started":1800000000200001,\
                "ended":1800000001000009,"state":"critical","cause":"exited","exit_code":2,\
                "output":"DISK CRITICAL \\u0007 | äöü","long_output":"one\\ntwo","performance_data":"/=5MB;1;2",\
                "stderr":"warned","truncated":true,"sanitised":true,"dropped_bytes":99,"worker":"w1","history":false,\
                "ticket":"0102030405060708090a0b0c0d0e0f10","observer":"berlin"}
                """)
    }
}
