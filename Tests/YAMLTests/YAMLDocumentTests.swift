import Testing
import YAML

private func parse(_ text: String) throws -> YAMLNode? { try YAMLDocument.parse(Array(text.utf8)) }

@Suite("YAML documents")
struct YAMLDocumentTests {
    @Test("mappings, sequences and scalars keep order, quotes and lines")
    func shapes() throws {
        let root = try #require(try parse("a: 1\nlist: [x, 'y z']\nmap:\n  k: \"v\"\n"))
        guard case .mapping(let members) = root.content else {
            Issue.record("not a mapping")
            return
        }

        #expect(members.map(\.key) == ["a", "list", "map"])
        #expect(members.map(\.keyLine) == [1, 2, 3])
        #expect(members[0].value.content == .scalar("1", isPlain: true))
        guard case .sequence(let items) = members[1].value.content else {
            Issue.record("not a sequence")
            return
        }
        #expect(items.map(\.content) == [.scalar("x", isPlain: true), .scalar("y z", isPlain: false)])
    }

    @Test("an empty document is nil")
    func empty() throws {
        #expect(try parse("") == nil)
        #expect(try parse("# only a comment\n") == nil)
    }

    @Test(
        "what cannot be read names its line",
        arguments: [
            ("a: 1\na: 2\n", 2, "stands twice"), ("a: [1, 2\n", 2, ""), ("a: &x 1\n", 1, "anchors"),
            ("a: 1\nb: *x\n", 2, "aliases"), ("a: 1\n---\nb: 2\n", 2, "second document"),
            ("a:\n\t- b\n", 2, ""),
            ("[a]: 1\n", 1, "key must be plain"),
        ])
    func errors(text: String, line: Int, reason: String) {
        #expect { try parse(text) } throws: { error in
            guard let error = error as? YAMLError else { return false }
            return error.line == line && (reason.isEmpty || error.reason.contains(reason))
        }
    }

    @Test("nesting has a limit")
    func depth() {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: YAMLError.self) { try parse(deep) }
    }

    @Test("no sequence of bytes crashes the reader", arguments: 1...200 as ClosedRange<UInt64>)
    func fuzz(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        let letters = Array("ab: -[]{}'\"\n\t#&*|>!%@,?\u{e9}0".utf8)
        let bytes = (0..<Int(seed) % 97).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return letters[Int(state >> 33) % letters.count]
        }
        do { _ = try YAMLDocument.parse(bytes) } catch { #expect(error.line >= 1) }
    }
}
