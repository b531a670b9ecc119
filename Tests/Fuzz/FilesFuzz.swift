import Model
import SSH
import Storage
import Testing

/// Files that were written by others or by an engine that crashed.
@Suite("Fuzz: files")
struct FilesFuzz {
    private static let blob =
        WireReader.field(Array("ssh-ed25519".utf8)) + WireReader.field([UInt8](repeating: 7, count: 32))

    @Test("known_hosts of any bytes is read, and a whole line after any others is found")
    func knownHosts() async throws {
        let line = Array("\nfuzz.example ssh-ed25519 \(Base64.encode(Self.blob))\n".utf8)
        try await Fuzzer("known-hosts", signs: "|1,*?![]:@# \t\n\r=+/").run { input, _ in
            for port in [22, 2222] {
                let keys = KnownHosts(parsing: input).keys(of: ["192.0.2.1", "web"], port: port)
                let lines = input.split(separator: 10).count
                try hold(keys.trusted.count + keys.revoked.count <= lines, "a line gives one key at most")
                try hold(!keys.preference(usingRSA: true).isEmpty, "some type is asked for")
            }
            let keys = KnownHosts(parsing: input + line).keys(of: ["fuzz.example"], port: 22)
            try hold(keys.trusted.contains { $0.blob == Self.blob }, "lines before it do not hide a line")
        }
    }

    @Test("Base64 comes back as the same bytes")
    func base64() async throws {
        try await Fuzzer("known-hosts", signs: "=+/").run { input, _ in
            for isPadded in [true, false] {
                let text = Base64.encode(input, isPadded: isPadded)
                try hold(Base64.decode(text.utf8) == input, "it reads back")
            }
            if let bytes = Base64.decode(input) {
                try hold(bytes.count <= input.count * 3 / 4 + 1, "four letters give three bytes")
            }
        }
    }

    @Test(
        "results come back from the spool up to the first damaged record, and never one that was not written")
    func spool() async throws {
        try await Fuzzer("spool-records", signs: "\u{0}\u{1}\u{FF}").run { input, random in
            let written = (0..<Int.random(in: 1...3, using: &random)).map { _ in result(input, &random) }
            let records = written.map(SpoolRecord.encode)
            try hold(decode(records.flatMap(\.self)) == written, "whole records come back as they were")
            var damaged = records.flatMap(\.self)
            let place = Int.random(in: 0..<damaged.count, using: &random)
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            let ends = records.indices.map { index in records[...index].reduce(0) { $0 + $1.count } }
            let whole = ends.count { $0 <= place }
            try hold(decode(damaged) == Array(written.prefix(whole)), "what is before the damage comes back")
            try hold(decode(input).isEmpty, "bytes that nobody wrote are no result")
        }
    }

    private func decode(_ bytes: [UInt8]) -> [CheckResult] {
        var rest = bytes[...]
        var results: [CheckResult] = []
        while let result = SpoolRecord.decode(&rest) { results.append(result) }
        return results
    }

    private func result(_ input: [UInt8], _ random: inout SeededGenerator) -> CheckResult {
        let numbers = (0..<5).map { _ in Int64.random(in: .min ... .max, using: &random) }
        return CheckResult(
            check: CheckID(host: HostID(numbers[0]), plugin: PluginID(numbers[1])),
            due: Timestamp(microseconds: numbers[2]), started: Timestamp(microseconds: numbers[3]),
            ended: Timestamp(microseconds: numbers[4]),
            state: CheckState.allCases.randomElement(using: &random) ?? .ok,
            cause: Cause.allCases.randomElement(using: &random) ?? .exited,
            exitCode: random.oneIn(2) ? nil : Int.random(in: -64...255, using: &random),
            output: PluginOutput.parse(standardOutput: input, standardError: input),
            worker: input.prefix(20).text, keepsHistory: random.oneIn(2))
    }
}
