import JSON
import Testing
import YAML

@testable import Node

@Suite("Values of YAML files")
struct YAMLValueTests {
    @Test("plain numbers become numbers, and what no double can hold stays text")
    func numbers() throws {
        let node = try #require(try YAMLDocument.parse(Array("[5, -1.5e3, 1e400, -1e999, 0x1F, 1.2.3]".utf8)))
        #expect(JSONValue(node) == [5, -1500.0, "1e400", "-1e999", "0x1F", "1.2.3"])
    }
}
