import RRD
import Testing

struct GraphTests {
    @Test(
        "a picture is a PNG of the size asked for",
        arguments: [(100, 50), (150, 300), (300, 120), (420, 180), (900, 320), (4000, 2000)])
    func size(width: Int, height: Int) throws {
        let folder = try TestFolder()
        let file = try filled(folder)
        let bytes = try file.draw(graph(of: "alpha", "beta", width: width, height: height, style: .stacked))
        #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(number(bytes, at: 16) == width)
        #expect(number(bytes, at: 20) == height)
    }

    @Test("a source that the archive does not have is refused before the library is asked")
    func unknownSource() throws {
        let folder = try TestFolder()
        let file = try filled(folder)
        let error = #expect(throws: RRDError.self) { try file.draw(graph(of: "x:y=/etc/passwd")) }
        #expect(error?.kind == .invalid)
    }

    @Test("labels cannot end their argument or add a control word")
    func labels() {
        #expect(GraphText.label("a:b") == "a\\:b")
        #expect(GraphText.label("line\\l") == "line/l")
        #expect(GraphText.label("a\u{0}b\n\u{1B}[0m") == "ab[0m")
        #expect(GraphText.format("5 %") == "5 %%")
        #expect(GraphText.plain("a:b\\\n%") == "a:b\\%")
    }

    private func number(_ bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
