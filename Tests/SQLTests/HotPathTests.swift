import SQL
import Testing

@Suite("SQLite, functions and shared texts")
struct HotPathTests {
    @Test("a function of ours is called with the numbers of each row")
    func function() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.define("weighted", arguments: 2) { $0[0] * 10 + $0[1] }
        try connection.execute("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), (3, NULL)")
        #expect(try connection.rows("SELECT weighted(a, b) FROM t") { $0.int(0) } == [12, 30])
        #expect(throws: SQLError.self) { try connection.run("SELECT weighted(1)") }
        #expect(throws: SQLError.self) { try connection.define("x", arguments: 1000) { _ in 0 } }
    }

    @Test("texts of a shared buffer come back whole: empty, long ones that make it grow, and with NUL")
    func texts() throws {
        let connection = try Connection(path: ":memory:", mode: .create)
        try connection.execute("CREATE TABLE t (a, b, c, d)")
        let insert = try connection.statement("INSERT INTO t VALUES (?, ?, ?, ?)")
        let buffer = TextBuffer()
        let long = String(repeating: "ä", count: 40_000)
        let rows = [
            ["", "short", long, "x\u{0}y"], ["a", "", "b", String(repeating: "z", count: 3 << 20)],
            ["1", "2", "3", ""],
        ]
        for row in rows {
            buffer.clear()
            let places = row.map { buffer.put($0) }
            for (index, place) in places.enumerated() { try insert.bind(index, place, in: buffer) }
            try insert.run()
        }
        let stored = try connection.rows("SELECT a, b, c, d FROM t") { row in (0..<4).map { row.text($0) } }
        #expect(stored == rows)
        #expect(try connection.first("SELECT count(*) FROM t WHERE d IS NULL") { $0.int(0) } == 0)
    }
}
