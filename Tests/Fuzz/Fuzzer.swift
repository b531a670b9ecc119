import Foundation
import Glibc
import Testing

/// A rule of a parser that an input broke.
struct BrokenRule: Error {
    let rule: String
}

/// Throws when a parser breaks a rule.
func hold(_ condition: Bool, _ rule: @autoclosure () -> String) throws {
    if !condition { throw BrokenRule(rule: rule()) }
}

/// Feeds one parser with its corpus, then with changed and random inputs, until its time is over.
///
/// Every input follows from its seed alone. `FUZZ_SECONDS` bounds each parser (1 when not set), `FUZZ_SEED` is the first
/// seed. A parser that breaks a rule is reported with the seed; one that crashes leaves it in
/// `<temporary folder>/ppalette-fuzz-<parser>.seed`.
struct Fuzzer {
    static let seconds = setting("FUZZ_SECONDS").flatMap(Double.init) ?? 1
    static let firstSeed = setting("FUZZ_SEED").flatMap(UInt64.init) ?? 1
    /// Whether this is a build of `.ci/sanitize`.
    static let isSanitized = setting("SANITIZER") != nil
    /// Inputs are no longer than this, so that one round is quick.
    private static let sizeLimit = 4096

    let parser: String
    /// The characters that the parser looks at.
    let signs: [UInt8]
    let corpus: [[UInt8]]

    init(_ parser: String, signs: String) throws {
        self.parser = parser
        self.signs = Array(signs.utf8)
        corpus = try Corpus.inputs(of: parser)
    }

    /// Calls `check` with every input; stops at the first that breaks a rule.
    ///
    /// Other tests get their turn meanwhile: they share the threads.
    func run(_ check: (_ input: [UInt8], _ random: inout SeededGenerator) async throws -> Void) async {
        for (line, input) in corpus.enumerated() {
            var random = SeededGenerator(seed: UInt64(line))
            guard await attempt("corpus input \(line + 1)", input, &random, check) else { return }
        }
        let trace = CrashTrace(parser)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var seed = Self.firstSeed
        repeat {
            trace.write(seed)
            var random = SeededGenerator(seed: seed)
            let input = input(&random)
            guard await attempt("FUZZ_SEED=\(seed)", input, &random, check) else { break }
            seed &+= 1
            if seed.isMultiple(of: 16) { await Task.yield() }
        } while ContinuousClock.now < end
        trace.remove()
    }

    private func attempt(
        _ source: String, _ input: [UInt8], _ random: inout SeededGenerator,
        _ check: ([UInt8], inout SeededGenerator) async throws -> Void
    ) async -> Bool {
        do {
            try await check(input, &random)
            return true
        } catch {
            let rule = (error as? BrokenRule)?.rule ?? "\(error)"
            Issue.record("\(parser), \(source): \(rule); the input was \"\(Corpus.escaped(input))\"")
            return false
        }
    }

    private func input(_ random: inout SeededGenerator) -> [UInt8] {
        guard let start = corpus.randomElement(using: &random), !random.oneIn(8) else {
            return random.bytes(upTo: 120, favouring: signs)
        }
        var bytes = start
        for _ in 0...Int.random(in: 0...5, using: &random) { change(&bytes, &random) }
        return Array(bytes.prefix(Self.sizeLimit))
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let index = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, index + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0...6, using: &random) {
        case 0: bytes.removeSubrange(index..<end)
        case 1: bytes.replaceSubrange(index..<end, with: random.bytes(upTo: 4, favouring: signs))
        case 2: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 3: bytes.insert(contentsOf: random.bytes(upTo: 3, favouring: signs), at: index)
        case 4:
            let other = corpus.randomElement(using: &random) ?? []
            bytes = bytes[..<index] + other.suffix(Int.random(in: 0...other.count, using: &random))
        case 5:
            let count = Int.random(in: 1...40, using: &random)
            bytes.insert(contentsOf: (0..<count).flatMap { _ in bytes[index..<end] }, at: index)
        default:
            let extreme = Self.extremes.randomElement(using: &random) ?? ""
            bytes.insert(contentsOf: extreme.utf8, at: index)
        }
    }

    /// Texts at the ends of what number types hold.
    private static let extremes = [
        "0", "-1", "-0", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e308",
        "1e309",
        "-1e30", "4294967296", "65536", "256", "1e-400", "\u{0}", "\u{FFFD}", "\u{1F600}", "e\u{301}", "\r\n",
    ]

    private static func setting(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}

/// A file that holds the seed being tried, for when the parser crashes.
private struct CrashTrace {
    private let path: String
    private let descriptor: Int32

    init(_ parser: String) {
        path = NSTemporaryDirectory() + "/ppalette-fuzz-\(parser).seed"
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0o600)
    }

    func write(_ seed: UInt64) {
        let text = Array("\(seed)\n".utf8)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    func remove() {
        close(descriptor)
        unlink(path)
    }
}

/// SplitMix64: a small generator with a seed, so that a failing input comes back.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// Bytes, half of them out of `signs`.
    mutating func bytes(upTo count: Int, favouring signs: [UInt8]) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in
            if Bool.random(using: &self), let byte = signs.randomElement(using: &self) { return byte }
            return UInt8.random(in: 0...255, using: &self)
        }
    }
}

extension Collection<UInt8> {
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
    /// Whether a person can read it on one line of a terminal.
    var isPrintable: Bool {
        !isEmpty && !unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
