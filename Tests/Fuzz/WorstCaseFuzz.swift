import APIContract
import Execution
import HTTPServer
import JSON
import Model
import SSH
import Storage
import Testing
import YAML

@testable import Node

/// A large piece of what each parser likes least: work that grows with the square of the size would take hours.
///
/// The limit is there to end such a run; nobody measures how long a good one takes. `make fuzz` takes a megabyte, and
/// under a sanitizer, which looks for other faults and is many times slower, less has to do.
@Suite("Fuzz: the largest inputs", .timeLimit(.minutes(2)))
struct WorstCaseFuzz {
    private static let size = Fuzzer.isSanitized ? 1 << 14 : Fuzzer.seconds > 10 ? 1 << 20 : 1 << 18

    private func large(_ piece: String) -> [UInt8] {
        Array(repeatElement(Array(piece.utf8), count: Self.size / piece.utf8.count).joined())
    }

    @Test(
        "what plugins print",
        arguments: ["'", "''", "a", "a ", "a=", "= ", "| ", "'a ", "a=1;", "'a'b ", "'''a ", "a'=", "\r\n|"])
    func output(piece: String) {
        let bytes = large(piece)
        let data = PerformanceData(parsing: bytes.text)
        #expect(data.omitted > 0 || PerformanceAccount.isComplete(bytes.text, data))
        #expect(data.items.count <= PerformanceData.maximumItems)
        _ = PluginOutput.parse(standardOutput: bytes, standardError: bytes)
    }

    @Test("arguments", arguments: ["a", "a ", "'", "\"a\"", "\\a", "$", "$$", "$HOSTNAME$", "$A"])
    func arguments(piece: String) {
        let template = try? CommandTemplate(arguments: large(piece).text)
        let host = Host(name: "h", address: "192.0.2.1")
        #expect((template?.expand(host: host).count ?? 0) <= Self.size)
        #expect(RemoteCommand.quoted(large(piece).text).utf8.count <= 4 * Self.size + 2)
    }

    @Test("numbers, addresses and times", arguments: ["9", "0.", ":", "1:", ".1", "0e"])
    func scalars(piece: String) {
        let text = large(piece).text
        #expect(IPAddress(text) == nil)
        #expect(Timestamp(rfc3339: text) == nil)
        #expect(throws: IPNetworkError.self) { try IPNetwork(text) }
        _ = try? ThresholdRange(text)
        #expect(throws: ICMPOptionsError.self) { try ICMPOptions(arguments: ["-n", text]) }
    }

    @Test(
        "documents", arguments: ["[", "{\"a\":", "[1,", "\"\\n", "a: ", "- ", "? ", "[a, ", "'", "#", "\t"])
    func documents(piece: String) {
        let bytes = large(piece)
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        _ = try? YAMLDocument.parse(bytes)
    }

    @Test("an object with many members")
    func members() throws {
        let members = (0..<60_000).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONValue(parsing: "{\(members)}").asObject?.count == 60_000)
        let lines = (0..<60_000).map { "m\($0): \($0)\n" }.joined()
        let node = try YAMLDocument.parse(Array(lines.utf8))
        guard case .mapping(let read) = node?.content else { return #expect(Bool(false), "no mapping") }
        #expect(read.count == 60_000)
    }

    @Test("request targets", arguments: ["/", "%41", "&a=", "/a?", "%2F&"])
    func targets(piece: String) throws {
        let target = try RequestTarget("/?" + large(piece).text)
        #expect(target.query.count <= Self.size)
        let path = try? RequestTarget("/" + large(piece).text)
        #expect((path?.path.count ?? 0) <= Self.size + 1)
    }

    @Test("files of others", arguments: ["|", "a ", "@", "*,", "\n", "|1|a|b a a\n", "*a"])
    func files(piece: String) {
        let bytes = large(piece)
        #expect(KnownHosts(parsing: bytes).keys(of: ["h"], port: 22).trusted.isEmpty)
        var rest = bytes[...]
        #expect(SpoolRecord.decode(&rest) == nil)
    }
}
