import Baselines
import CommandLine
import Posix

/// The program fping of Debian on many addresses of 127.0.0.0/8, as fast as it goes.
struct Fping: ~Copyable {
    /// What one run gave, in its own words.
    struct Outcome {
        let sent: Int
        let received: Int
        let seconds: Double

        var echoesPerSecond: Double { Double(received) / seconds }
    }

    private static let path = "/usr/bin/fping"
    /// It refuses to send more than 65,000 echoes in ten seconds.
    private static let mostEchoes = 60_000

    private let home: TemporaryFolder
    private let packets: Int

    init(targets: Int) throws {
        let home = try TemporaryFolder()
        let lines = (0..<targets).map { EchoLoop.address($0) + "\n" }
        try SmallFile.write(Array(lines.joined().utf8), to: home.path + "/targets")
        packets = max(1, Self.mostEchoes / targets)
        self.home = home
    }

    /// Pings every address once or more with 68 bytes; the time is from its first word to its last.
    func run() throws -> Outcome {
        let report = home.path + "/report"
        try SmallFile.write([], to: report)
        var program = try Program(
            Self.path,
            [
                "-q", "-s", "-i", "0", "-p", "10", "-c", "\(packets)", "-b", "68", "-f",
                home.path + "/targets",
            ], output: "/dev/null", errors: report)
        guard let code = program.wait(atMost: .seconds(60)) else {
            throw BenchmarkFailure(description: "fping did not end in a minute")
        }
        // A line for each address comes first.
        let summary = home.path + "/summary"
        try SmallFile.write([], to: summary)
        var tail = try Program("/usr/bin/tail", ["-n", "20", report], output: summary)
        guard tail.wait(atMost: .seconds(10)) == 0 else {
            throw BenchmarkFailure(description: "tail cannot read \(report)")
        }
        let text = try SmallFile.text(at: summary)
        guard let sent = Self.number("ICMP Echos sent", in: text),
            let received = Self.number("ICMP Echo Replies received", in: text),
            let seconds = Self.number("sec (elapsed real time)", in: text)
        else { throw BenchmarkFailure(description: "fping ended with \(code): \(text.suffix(300))") }
        return Outcome(sent: Int(sent), received: Int(received), seconds: seconds)
    }

    /// The number at the beginning of the line that ends with `words`.
    private static func number(_ words: String, in text: String) -> Double? {
        let line = text.split(separator: "\n").last { $0.hasSuffix(words) }
        return line.flatMap { Double($0.drop { $0 == " " }.prefix { $0 != " " }) }
    }
}
