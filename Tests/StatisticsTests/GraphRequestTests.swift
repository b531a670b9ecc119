import Foundation
import Model
import Statistics
import Testing

struct GraphRequestTests {
    private func archives() async -> TestArchives {
        let test = TestArchives()
        for minute in 1...60 {
            await test.archives.record(counts(1000 + minute), at: epoch + Int64(minute) * 60)
            await test.archives.record(report("w1", at: epoch + Int64(minute) * 20))
        }
        return test
    }

    @Test("every source can be drawn alone, and all of them together")
    func eachSource() async throws {
        let test = await archives()
        let all: [(Archives.Subject, [String])] = [
            (.global, GlobalCounts.sourceNames), (.worker("w1"), WorkerReport.sourceNames),
        ]
        for (subject, names) in all {
            for series in names.map({ [$0] }) + [names, names.reversed(), []] {
                let request = GraphRequest(
                    from: epoch, to: epoch + 3600, width: 600, height: 200, series: series)
                let picture = try #require(try await test.archives.graph(subject, request))
                #expect(picture.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
                #expect(picture[16..<24] == [0, 0, 2, 88, 0, 0, 0, 200])
            }
        }
    }

    @Test(
        "what is wrong with a request is said by its field",
        arguments: [
            ("from", GraphRequest(from: 10, to: 10)), ("from", GraphRequest(from: -1, to: 10)),
            ("to", GraphRequest(from: 0, to: .max)), ("width", GraphRequest(from: 0, to: 10, width: 99)),
            ("width", GraphRequest(from: 0, to: 10, width: 4001)),
            ("height", GraphRequest(from: 0, to: 10, height: 49)),
            ("height", GraphRequest(from: 0, to: 10, height: 2001)),
            ("series", GraphRequest(from: 0, to: 10, series: ["checks_ok", "cpu"])),
            ("series", GraphRequest(from: 0, to: 10, series: ["x:y=/etc/passwd:AVERAGE"])),
            ("series", GraphRequest(from: 0, to: 10, series: ["checks_ok", "checks_ok"])),
        ])
    func refusals(field: String, request: GraphRequest) async throws {
        let test = await archives()
        let error = await #expect(throws: StatisticsError.self) {
            try await test.archives.graph(.global, request)
        }
        guard case .invalid(field, let reason) = error else {
            Issue.record("\(String(describing: error)) is not about \(field)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("the whole without archive says when it comes; an unknown worker has no picture")
    func missing() async throws {
        let test = TestArchives()
        await #expect(throws: StatisticsError.self) {
            try await test.archives.graph(.global, GraphRequest(from: 0, to: 10))
        }
        #expect(try await test.archives.graph(.worker("w1"), GraphRequest(from: 0, to: 10)) == nil)
    }
}
