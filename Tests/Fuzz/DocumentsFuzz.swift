import JSON
import Testing
import YAML

@testable import Node

/// JSON bodies, settings and sample objects.
@Suite("Fuzz: documents")
struct DocumentsFuzz {
    @Test("JSON that is read is written and reads back; other is refused with its place")
    func json() async throws {
        try await Fuzzer("json", signs: "{}[]\",:\\/bfnrtu0123456789.-+eE \n").run { input, _ in
            do {
                let value = try JSONValue(parsing: input)
                for written in [value.bytes(), value.bytes(indentation: 2)] {
                    let again = try JSONValue(parsing: written)
                    try hold(again.bytes() == value.bytes(), "it reads back")
                }
                try hold(
                    value.bytes().allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control character is written")
                try hold(count(value) <= input.count, "there are no more values than bytes")
            } catch let error as JSONError {
                try hold(error.line >= 1 && error.column >= 1, "the place is in the text")
                try hold(error.column <= input.count + 1, "the place is in the text")
            }
        }
    }

    private func count(_ value: JSONValue) -> Int {
        switch value {
        case .array(let values): 1 + values.reduce(0) { $0 + count($1) }
        case .object(let members): 1 + members.reduce(0) { $0 + count($1.value) }
        default: 1
        }
    }

    @Test("settings of any bytes are read or refused with sentences that name the file")
    func settings() async throws {
        try await Fuzzer("settings", signs: ":-[]{},#&*!|>'\"%@` \n\t?~").run { input, _ in
            let reader = SettingsReader(file: "/etc/p.yaml", home: "/home/p")
            do {
                let settings = try reader.read(input, environment: [:])
                try hold((1...65_536).contains(settings.worker.concurrency), "numbers are in range")
                try hold(!settings.roles.isEmpty, "there is a role")
            } catch let error as SettingsReader.Failure {
                try hold(!error.sentences.isEmpty, "a refusal says why")
                try hold(
                    error.sentences.allSatisfy { $0.hasPrefix("/etc/p.yaml, line ") },
                    "it names file and line")
            }
        }
    }

    @Test("YAML that is read becomes JSON that reads back")
    func yaml() async throws {
        try await Fuzzer("settings", signs: ":-[]{},#'\" \n0123456789eE+.~").run { input, _ in
            guard let node = try? YAMLDocument.parse(input) else { return }
            let value = JSONValue(node)
            try hold(try JSONValue(parsing: value.bytes()).bytes() == value.bytes(), "it reads back")
            try hold(hasFiniteNumbers(value), "every number is finite")
        }
    }

    private func hasFiniteNumbers(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): number.isFinite
        case .array(let values): values.allSatisfy(hasFiniteNumbers)
        case .object(let members): members.allSatisfy { hasFiniteNumbers($0.value) }
        default: true
        }
    }
}
