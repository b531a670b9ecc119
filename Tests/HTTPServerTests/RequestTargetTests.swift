import HTTPServer
import Testing

@Suite("Request target")
struct RequestTargetTests {
    @Test(
        "a path without its first slash is refused, not read without its first part",
        arguments: ["api/v1/hosts", "x/api/v1/hosts?page=1", "*", "http:/a"])
    func firstSlash(target: String) {
        let refusal = #expect(throws: RequestTarget.Refusal.self) { try RequestTarget(target) }
        #expect(refusal?.sentence == "the path does not begin with a slash")
    }

    @Test("the absolute form is read like the path in it")
    func absolute() throws {
        #expect(try RequestTarget("http://127.0.0.1:8420/api/v1/hosts").path == ["api", "v1", "hosts"])
        #expect(try RequestTarget("https://h?a=1").path == [])
        #expect(try RequestTarget("https://h?a=1").query.map(\.value) == ["1"])
    }
}
