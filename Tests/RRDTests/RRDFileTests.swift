import Foundation
import RRD
import Testing

struct RRDFileTests {
    @Test("samples on the step come back as they went in")
    func roundTrip() throws {
        let folder = try TestFolder()
        let file = try filled(folder)

        let rows = try file.fetch(.average, from: epoch, to: epoch + 600, step: 20)

        #expect(rows.step == 20)
        #expect(rows.first == epoch + 20)
        #expect(rows.names == ["alpha", "beta"])
        #expect(rows.columns[0] == (1...30).map { Double($0) })
        #expect(rows.columns[1] == (1...30).map { Double(2 * $0) })
        #expect(try file.inspect() == epoch + 600)
    }

    @Test("the packaged rrdtool reads the file", .enabled(if: hasRRDTool, "needs the package rrdtool"))
    func rrdtoolReads() throws {
        let folder = try TestFolder()
        let file = try filled(folder)

        let info = try rrdtool("info", file.path)
        #expect(info.contains("step = 20"))
        #expect(info.contains("ds[alpha].minimal_heartbeat = 60"))
        #expect(info.contains("ds[alpha].max = NaN"))
        #expect(info.contains("rra[1].cf = \"MAX\""))
        #expect(try rrdtool("lastupdate", file.path).contains("\(epoch + 600): 30 60"))
    }

    @Test("an unknown value and a gap are nil")
    func gaps() throws {
        let folder = try TestFolder()
        let file = RRDFile(path: "\(folder.path)/a.rrd", layout: smallLayout)
        try file.create(startingAt: epoch)
        try file.update([
            Sample(time: epoch + 20, values: [1, nil]), Sample(time: epoch + 200, values: [5, 5]),
        ])

        let rows = try file.fetch(.average, from: epoch, to: epoch + 200, step: 20)
        #expect(rows.columns[0] == [1] + Array(repeating: nil, count: 9))
        #expect(rows.columns[1].allSatisfy { $0 == nil })
    }

    @Test(
        "a number that is not finite never reaches the library",
        arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) throws {
        let folder = try TestFolder()
        let file = RRDFile(path: "\(folder.path)/a.rrd", layout: smallLayout)
        try file.create(startingAt: epoch)

        let error = #expect(throws: RRDError.self) {
            try file.update([Sample(time: epoch + 20, values: [value, 1])])
        }
        #expect(error?.kind == .invalid)
        #expect(try file.inspect() == epoch)
    }

    @Test("very large and very small numbers keep their value", arguments: [1e-7, 123_456.75, 1e15, 1.5e300])
    func numbers(value: Double) throws {
        let folder = try TestFolder()
        let file = RRDFile(path: "\(folder.path)/a.rrd", layout: smallLayout)
        try file.create(startingAt: epoch)
        try file.update([Sample(time: epoch + 20, values: [value, 0])])

        let rows = try file.fetch(.average, from: epoch, to: epoch + 20, step: 20)
        let stored = try #require(rows.columns[0][0])
        #expect(abs(stored - value) <= value * 1e-12)
    }

    @Test("creating never replaces a file that is there")
    func noOverwrite() throws {
        let folder = try TestFolder()
        let file = try filled(folder)

        #expect(throws: RRDError.self) { try file.create(startingAt: epoch) }
        #expect(try file.inspect() == epoch + 600)
    }

    @Test("a folder that does not exist is said, with the path")
    func missingFolder() throws {
        let file = RRDFile(path: "/nonexistent/a.rrd", layout: smallLayout)
        let error = #expect(throws: RRDError.self) { try file.create(startingAt: epoch) }
        #expect(error.map { "\($0)".contains("/nonexistent/a.rrd") } == true)
        #expect(error?.kind == .system)
        let missing = #expect(throws: RRDError.self) { try file.inspect() }
        #expect(missing?.kind == .missing)
    }

    @Test("a clock before 1980 is said and makes no file")
    func clock() throws {
        let folder = try TestFolder()
        let file = RRDFile(path: "\(folder.path)/a.rrd", layout: smallLayout)
        let error = #expect(throws: RRDError.self) { try file.create(startingAt: 86_400) }
        #expect(error?.kind == .invalid)
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test("F54: RRDCACHED_ADDRESS in the environment redirects nothing")
    func daemonAddress() throws {
        RRDLibrary.prepare()
        #expect(ProcessInfo.processInfo.environment["RRDCACHED_ADDRESS"] == nil)
    }

    @Test("a path with a colon, a percent sign and a quote works, also in a graph")
    func oddPath() throws {
        let folder = try TestFolder()
        let file = try filled(folder, name: "a:b%d'c d")
        #expect(try !file.draw(graph(of: "alpha")).isEmpty)
    }

    @Test("a sparse copy is filled before the library writes through its map")
    func sparse() throws {
        let folder = try TestFolder()
        let source = try filled(folder)
        let copy = RRDFile(path: "\(folder.path)/b.rrd", layout: smallLayout)
        let header = try Data(contentsOf: URL(fileURLWithPath: source.path)).prefix(1400)
        let size = try Data(contentsOf: URL(fileURLWithPath: source.path)).count
        try header.write(to: URL(fileURLWithPath: copy.path))
        try FileHandle(forWritingTo: URL(fileURLWithPath: copy.path)).truncate(atOffset: UInt64(size))

        try copy.update([Sample(time: try copy.inspect() + 20, values: [1, 2])])
        var status = stat()
        try #require(stat(copy.path, &status) == 0)
        #expect(status.st_blocks * 512 >= status.st_size)
    }

    @Test("F52: cut, emptied and random files are damaged, and none ends the program")
    func damage() throws {
        let folder = try TestFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: try filled(folder).path))
        let file = RRDFile(path: "\(folder.path)/b.rrd", layout: smallLayout)
        for length in [0, 1, 4, 100, 500, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: file.path))
            let error = #expect(throws: RRDError.self, "cut at \(length)") { try file.inspect() }
            #expect(error?.kind == .damaged, "cut at \(length)")
        }
        var random = SystemRandomNumberGenerator()
        let noise = Data((0..<whole.count).map { _ in UInt8.random(in: 0...255, using: &random) })
        try noise.write(to: URL(fileURLWithPath: file.path))
        #expect(throws: RRDError.self) { try file.inspect() }
    }

    @Test("F52: whatever byte of the header is wrong, the file is refused or works")
    func headerBytes() throws {
        let folder = try TestFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: try filled(folder).path))
        let file = RRDFile(path: "\(folder.path)/b.rrd", layout: smallLayout)
        let header = whole.count - 8 * (90 * 2 + 60 * 2)
        for position in 0..<header {
            var bytes = whole
            bytes[position] ^= 0xFF
            try bytes.write(to: URL(fileURLWithPath: file.path))
            do throws(RRDError) {
                let last = try file.inspect()
                try file.update([Sample(time: last + 20, values: [1, 2])])
                _ = try file.fetch(.average, from: epoch, to: epoch + 600, step: 20)
            } catch {
                #expect(!error.reason.isEmpty)
            }
        }
    }
}

/// A plain picture of some sources over the samples of ``filled(_:name:count:)``.
func graph(of sources: String..., width: Int = 600, height: Int = 240, style: Graph.Style = .area) -> Graph {
    Graph(
        title: "A title: 50 % \\ <b>", axis: "units", foot: "the foot", from: epoch, to: epoch + 600,
        width: width, height: height,
        curves: sources.map {
            Graph.Curve($0, label: "\($0): 5 % \\", colour: .init(0x2563EB), style: style)
        })
}
