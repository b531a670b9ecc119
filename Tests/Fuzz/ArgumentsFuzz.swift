import Execution
import Model
import Testing

/// What people write as arguments.
@Suite("Fuzz: arguments")
struct ArgumentsFuzz {
    /// Hosts whose values would break anything that puts them through a shell.
    private let hosts = [
        Host(name: "a", address: "192.0.2.1"),
        Host(
            name: "x' \"y\\ $(z) `w`\n", address: "; rm -rf /", labels: ["A": "$HOSTNAME$ b"],
            variables: ["ARG1": "-H \u{0} 'a", "A": "$$ \t\""]),
    ]

    @Test("no value changes the number of arguments, and what needs no quotes is split at blanks alone")
    func templates() async throws {
        try await Fuzzer("arguments", signs: "$\"'\\ \t\nHOSTADRENMI_USG19`;|*-=").run { input, _ in
            let text = input.text
            do {
                let template = try CommandTemplate(arguments: text)
                let plain = template.expand(host: hosts[0], userMacros: ["USER1": "/opt"])
                let hostile = template.expand(host: hosts[1], userMacros: ["USER1": "a b 'c"])
                try hold(plain.count == hostile.count, "values never make or remove an argument")
                try hold(hostile.allSatisfy { !$0.utf8.contains(0) }, "no argument holds a NUL")
                try hold(plain.count <= text.utf8.count, "there are no more words than letters")
                guard !text.utf8.contains(where: Array("'\"\\$".utf8).contains) else { return }
                let words = text.utf8.split { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.map { $0.text }
                try hold(plain == words, "plain words stay as they are")
            } catch let error as CommandTemplateError {
                try hold(!error.description.isEmpty, "the refusal is a sentence")
            }
        }
    }

    @Test("what is quoted for a remote shell is one word and the same text")
    func quoting() async throws {
        try await Fuzzer("arguments", signs: "\"'\\ \t\n`;|*").run { input, _ in
            let text = input.filter { $0 != 0 && $0 != UInt8(ascii: "$") }.text
            let words = try CommandTemplate(arguments: RemoteCommand.quoted(text)).expand(host: hosts[0])
            try hold(words == [text], "one word comes back, unchanged")
        }
    }

    @Test("options of the ICMP check that are read lie in their ranges; others are refused in a sentence")
    func icmp() async throws {
        try await Fuzzer("icmp-options", signs: "-Hwcnipmtbls46v=,.%0123456789 eus").run { input, _ in
            let words = input.split(separator: 0x20).map(\.text)
            do {
                let options = try ICMPOptions(arguments: words)
                try hold(ICMPOptions.packetCounts.contains(options.packets), "the packets are in range")
                try hold(ICMPOptions.payloadSizes.contains(options.payloadBytes), "the size is in range")
                let times = [
                    options.packetInterval, options.targetInterval, options.warning.roundTrip,
                    options.critical.roundTrip,
                ]
                let range = Duration.zero...ICMPOptions.longestTime
                try hold(times.allSatisfy(range.contains), "every time is in range")
                try hold(
                    options.warning.roundTrip <= options.critical.roundTrip, "warning is not above critical")
                try hold((0...100).contains(options.warning.lossPercent), "the loss is in range")
                try hold(options.hosts.count <= words.count, "hosts are words")
                try hold(options.hosts.allSatisfy { !$0.isEmpty }, "no host is empty")
            } catch let error as ICMPOptionsError {
                try hold(error.sentence.isPrintable, "the refusal is one line: \(error.sentence)")
            }
        }
    }
}
