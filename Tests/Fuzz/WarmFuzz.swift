import Execution
import Testing

/// What helpers of warm plugins say, and the first lines of scripts.
@Suite("Fuzz: warm plugins")
struct WarmFuzz {
    @Test("a message that is read reads back byte for byte; any other is refused")
    func frames() async throws {
        try await Fuzzer("warm-lines", signs: "RSFCLNX\u{1}\u{2}\u{3}\u{0}").run { input, _ in
            let whole = WarmFrame(.changed, [input, [], input])
            try hold(WarmFrame(whole.bytes) == whole, "a message of ours reads back")
            guard let frame = WarmFrame(input) else { return }
            try hold(frame.bytes == input, "what is read is all of it")
        }
    }

    @Test("blanks at the end of a first line are no argument", arguments: ["", " ", " \t "])
    func blanksAtTheEnd(_ blanks: String) throws {
        #expect(try WarmInterpreter(line: "/usr/bin/perl" + blanks).words == ["/usr/bin/perl"])
        #expect(try WarmInterpreter(line: "/usr/bin/perl -w" + blanks).words == ["/usr/bin/perl", "-w"])
    }

    @Test("a first line gives an interpreter that stands in it, or a sentence")
    func firstLines() async throws {
        try await Fuzzer("warm-lines", signs: "/ -=SwuEIperlython3env.").run { input, _ in
            let line = input.filter { $0 != 0 && $0 != 10 }.text
            let interpreter: WarmInterpreter
            do {
                interpreter = try WarmInterpreter(line: line)
            } catch let error as WarmInterpreter.Refusal {
                return try hold(!error.reason.isEmpty, "a refusal has its reason")
            }
            try hold(interpreter.words.count <= 2, "the kernel makes at most one argument")
            try hold(interpreter.words.allSatisfy { line.contains($0) }, "each word stands in the line")
        }
    }
}
