import Glibc
import Posix
import Testing

@testable import RRD

/// Archive files that were damaged: librrd maps them and trusts every number in them.
@Suite("Fuzz: archives")
struct ArchiveFuzz {
    private static let layout = Layout(
        step: 20, sources: [.init("alpha", heartbeat: 60), .init("beta", heartbeat: 60)],
        archives: [.init(.average, steps: 1, rows: 30), .init(.maximum, steps: 3, rows: 20)])
    private static let epoch: Int64 = 1_700_006_400

    @Test("a damaged archive is refused, or the library can be trusted with it")
    func heads() async throws {
        let folder = try TemporaryFolder()
        let file = RRDFile(path: folder.path + "/a.rrd", layout: Self.layout)
        try file.create(startingAt: Self.epoch)
        try file.update([Sample(time: Self.epoch + 20, values: [1, 2])])
        let whole = try DurableFile.read(file.path)
        try await Fuzzer("archive-damage", signs: "\u{0}\u{1}\u{ff}RD").run { input, random in
            var bytes = whole
            for _ in 0...Int.random(in: 0...3, using: &random) { damage(&bytes, with: input, &random) }
            try write(bytes, to: file.path)
            let header = RRDHeader(Array(bytes.prefix(RRDHeader.readLimit)), fileSize: bytes.count)
            guard let header else {
                let error = #expect(throws: RRDError.self) { try RRDFile.existing(at: file.path) }
                try hold(error?.kind == .damaged, "the refusal says that it is damaged")
                return
            }
            try hold(header.layout.sources.count <= 256, "sources are bounded")
            // What the library says to it does not matter, as long as it comes back.
            let found = try RRDFile.existing(at: file.path)
            let values = found.layout.sources.map { _ in Double?(1) }
            _ = try? found.update([Sample(time: header.lastUpdate + 20, values: values)])
            _ = try? found.fetch(.average, from: Self.epoch, to: Self.epoch + 200, step: 20)
        }
    }

    private func damage(_ bytes: inout [UInt8], with input: [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        // Most of it in the head, where the numbers are.
        let end = random.oneIn(4) ? bytes.count : min(bytes.count, 1000)
        let place = Int.random(in: 0..<end, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[place] ^= UInt8.random(in: 1...255, using: &random)
        case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 2: bytes += input
        default:
            for (index, byte) in input.prefix(16).enumerated() where place + index < bytes.count {
                bytes[place + index] = byte
            }
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        try hold(Glibc.write(file, bytes, bytes.count) == bytes.count, "the disk takes the file")
    }
}
