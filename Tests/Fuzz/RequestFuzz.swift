import APIContract
import HTTPServer
import Model
import Testing

/// Request lines of the API.
@Suite("Fuzz: requests")
struct RequestFuzz {
    @Test("a target that is read reads back when it is encoded; any other is refused in a sentence")
    func targets() async throws {
        try await Fuzzer("request-targets", signs: "/?&=%+0123456789abcdefABCDEF.~ #:").run { input, _ in
            do {
                let target = try RequestTarget(input.text)
                let path = target.path.map { "/" + PercentEncoding.encode($0) }.joined()
                let again = try RequestTarget(path + "?" + PercentEncoding.query(target.query))
                try hold(again.path == target.path, "the path reads back")
                try hold(again.query.elementsEqual(target.query, by: ==), "the query reads back")
                try hold(target.path.allSatisfy { !$0.utf8.contains(0) }, "no part has a NUL")
                try hold(hasAllLetters(of: input, target), "no part of the path is dropped")
            } catch let error as RequestTarget.Refusal {
                try hold(error.sentence.isPrintable, "the refusal is a sentence")
            }
        }
    }

    /// Whether a target in origin form kept as many slashes as it has.
    private func hasAllLetters(of input: [UInt8], _ target: RequestTarget) -> Bool {
        let path = input.text.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard !path.starts(with: "http".utf8) else { return true }
        return path.isEmpty || path.first == UInt8(ascii: "/") && path.count { $0 == 47 } == target.path.count
    }

    @Test("any text comes back from its percent-encoding")
    func percent() async throws {
        try await Fuzzer("request-targets", signs: "/?&=%+ ~").run { input, _ in
            let text = input.filter { $0 != 0 }.text
            let target = try RequestTarget(
                "/" + PercentEncoding.encode(text) + "?a=" + PercentEncoding.encode(text))
            try hold(target.path == [text] && target.query.map(\.value) == [text], "it reads back")
        }
    }

    @Test("query parameters are checked by their declaration or refused with the field and the reason")
    func parameters() async throws {
        try await Fuzzer("request-targets", signs: "&=,-+0123456789%TZ:").run { input, random in
            let fields = Endpoint.all.randomElement(using: &random)?.query ?? []
            let values = ["", "-1", "1", "99999999999999999999", "-24h", "a,b,,", input.text]
            let pairs = (0..<3).map { _ in
                let name = fields.randomElement(using: &random)?.name ?? "x"
                return (name: name, value: values.randomElement(using: &random) ?? "")
            }
            do {
                let query = try QueryValues(pairs, for: fields, now: Timestamp(seconds: 1_700_000_000))
                for field in fields {
                    guard let range = field.range, let value = query.integer(field.name) else { continue }
                    try hold(range.contains(value), "\(field.name) is in range")
                }
            } catch let error as InvalidValues {
                try hold(!error.errors.isEmpty, "a refusal names what is wrong")
                try hold(error.errors.allSatisfy { !$0.reason.isEmpty }, "each has a reason")
            }
        }
    }
}
