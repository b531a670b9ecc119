import Model
import Testing

@Suite struct NearestNameTests {
    @Test(
        "a slip finds its name, something else finds none",
        arguments: [
            ("intervall", "interval"), ("timeuot", "timeout"), ("TIMEOUT", "timeout"), ("scrip", "script"),
            ("colour", nil), ("x", nil), ("", nil), ("timeout", "timeout"),
        ] as [(String, String?)])
    func nearest(_ name: String, _ expected: String?) {
        #expect(NearestName.nearest(to: name, among: ["interval", "timeout", "script"]) == expected)
    }

    @Test("among equals the first wins")
    func firstWins() { #expect(NearestName.nearest(to: "hat", among: ["cat", "bat"]) == "cat") }

    @Test("a suggestion ends a sentence or is nothing")
    func suggestion() {
        #expect(NearestName.suggestion(for: "hos", among: ["host"]) == "; did you mean host?")
        #expect(NearestName.suggestion(for: "suite", among: ["host"]).isEmpty)
    }
}
