import JSON
import Testing

/// A generator that gives the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

@Suite("JSON, random input")
struct JSONFuzzTests {
    @Test("what is written reads back as the same value", arguments: 0..<20)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<200 {
            let value = randomValue(level: 0, &generator)
            #expect(try JSONValue(parsing: value.bytes()) == value)
            #expect(try JSONValue(parsing: value.bytes(indentation: 2)) == value)
        }
    }

    @Test("damaged texts give a value or an error with a place, never a crash", arguments: 0..<20)
    func damage(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<500 {
            var bytes = randomValue(level: 0, &generator).bytes()
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes = Array(bytes[..<index])
                }
            }
            do {
                let value = try JSONValue(parsing: bytes)
                let again = try JSONValue(parsing: value.bytes())
                #expect(again.bytes() == value.bytes())
            } catch {
                #expect(error.line >= 1 && error.column >= 1 && error.column <= bytes.count + 1)
            }
        }
    }

    private func randomValue(level: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(level < 4 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .number(Double.random(in: -1...1, using: &generator) + 0.1)
        case 4, 5: return .string(randomText(&generator))
        case 6:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in randomValue(level: level + 1, &generator) })
        default:
            let count = Int.random(in: 0..<20, using: &generator)
            return .object(
                (0..<count).map {
                    JSONMember("\($0):" + randomText(&generator), randomValue(level: level + 1, &generator))
                })
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0..<12, using: &generator)).compactMap { _ in
            let limit: UInt32 = Bool.random(using: &generator) ? 0x100 : 0x11_0000
            return Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator))
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
